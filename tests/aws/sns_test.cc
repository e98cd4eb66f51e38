#include "aws/sns.h"

#include "tests/support/client_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string topic = "arn:aws:sns:eu-west-1:111122223333:fleet";
const std::string published = R"(<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>)"
                              R"(<MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult>)"
                              R"(<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>)";

std::string refusal(const std::string& code) {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code +
         "</Code><Message>m</Message></Error></ErrorResponse>";
}

TEST(sns, publishes_a_message_with_what_subscriptions_filter_by) {
  client_stage stage;
  stage.wire.answer(200, published);

  const auto id = stage.play(sns(stage.with)
                                 .publish({.topic = topic,
                                           .message = R"({"a":1})",
                                           .subject = "a fleet",
                                           .attributes = {{"event", "x"}, {"group", "y"}}}));

  ASSERT_TRUE(id);
  EXPECT_EQ(*id, "94f20ce6-13c5-43a0-9a9e-ca52d816e90b");
  const auto& asked = stage.wire.requests().at(0);
  EXPECT_EQ(asked.url, "https://sns.eu-west-1.amazonaws.com/");
  EXPECT_EQ(header_of(asked, "content-type"), "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_THAT(std::string(header_of(asked, "authorization")), HasSubstr("/eu-west-1/sns/aws4_request"));
  EXPECT_EQ(asked.body,
            "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3Afleet"
            "&Message=%7B%22a%22%3A1%7D&Subject=a%20fleet"
            "&MessageAttributes.entry.1.Name=event&MessageAttributes.entry.1.Value.DataType=String"
            "&MessageAttributes.entry.1.Value.StringValue=x"
            "&MessageAttributes.entry.2.Name=group&MessageAttributes.entry.2.Value.DataType=String"
            "&MessageAttributes.entry.2.Value.StringValue=y");
}

TEST(sns, names_group_and_deduplication_to_a_fifo_topic) {
  client_stage stage;
  stage.wire.answer(200, published);

  EXPECT_TRUE(stage.play(
      sns(stage.with)
          .publish({.topic = topic + ".fifo", .message = "m", .message_group = "i-1", .deduplication = "d"})));

  EXPECT_THAT(stage.wire.requests().at(0).body, HasSubstr("&MessageDeduplicationId=d&MessageGroupId=i-1"));
}

TEST(sns, asks_where_the_topic_is) {
  client_stage stage;
  stage.wire.answer(200, published);

  EXPECT_TRUE(
      stage.play(sns(stage.with).publish({.topic = "arn:aws:sns:us-east-1:111122223333:fleet", .message = "m"})));

  const auto& asked = stage.wire.requests().at(0);
  EXPECT_EQ(asked.url, "https://sns.us-east-1.amazonaws.com/");
  EXPECT_THAT(std::string(header_of(asked, "authorization")), HasSubstr("/us-east-1/sns/aws4_request"));
}

TEST(sns, looks_at_a_topic_where_it_is) {
  client_stage stage;
  stage.wire.answer(200, "<GetTopicAttributesResponse><GetTopicAttributesResult/></GetTopicAttributesResponse>")
      .answer(404, refusal("NotFound"));
  const std::string far = "arn:aws:sns:us-east-1:111122223333:fleet";

  EXPECT_TRUE(stage.play(sns(stage.with).look_at(far)));
  const auto missing = stage.play(sns(stage.with).look_at(far));

  const auto& asked = stage.wire.requests().at(0);
  EXPECT_EQ(asked.url, "https://sns.us-east-1.amazonaws.com/");
  EXPECT_THAT(asked.body, HasSubstr("Action=GetTopicAttributes"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().aws_code(), "NotFound");
}

TEST(sns, is_reached_where_the_environment_says) {
  client_stage stage({{"AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:4566"}});
  stage.wire.answer(200, published);

  EXPECT_TRUE(stage.play(sns(stage.with).publish({.topic = topic, .message = "m"})));

  EXPECT_EQ(stage.wire.requests().at(0).url, "http://127.0.0.1:4566/");
}

TEST(sns, asks_once_and_leaves_it_to_the_caller_to_ask_again) {
  client_stage stage;
  stage.wire.answer(503, "").answer(200, published);

  const auto refused = stage.play(sns(stage.with).publish({.topic = topic, .message = "m"}));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::unreachable);
  EXPECT_EQ(stage.wire.requests().size(), 1U);
}

TEST(sns, tells_what_a_person_must_mend_from_what_passes_and_from_what_never_will) {
  const std::vector<std::tuple<int, std::string, errc>> known{
      {403, "AuthorizationError", errc::denied},      {404, "NotFound", errc::denied},
      {400, "KMSAccessDenied", errc::denied},         {400, "KMSDisabled", errc::denied},
      {403, "KMSOptInRequired", errc::denied},        {403, "InvalidSecurity", errc::denied},
      {400, "KMSThrottling", errc::throttled},        {400, "Throttling", errc::throttled},
      {500, "InternalError", errc::unreachable},      {400, "InvalidParameter", errc::rejected},
      {400, "ParameterValueInvalid", errc::rejected}, {400, "EndpointDisabled", errc::rejected}};
  for (const auto& [status, code, meaning] : known) {
    client_stage stage;
    stage.wire.answer(status, refusal(code));

    const auto refused = stage.play(sns(stage.with).publish({.topic = topic, .message = "m"}));

    ASSERT_FALSE(refused) << code;
    EXPECT_EQ(refused.error().code(), meaning) << code;
  }
}

TEST(sns, does_not_take_an_answer_without_an_id_for_a_message) {
  client_stage stage;
  stage.wire.answer(200, "<PublishResponse><PublishResult/></PublishResponse>");

  const auto id = stage.play(sns(stage.with).publish({.topic = topic, .message = "m"}));

  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code(), errc::unreachable);
}

TEST(sns, reads_the_arn_of_a_topic) {
  const auto read = read_topic("arn:aws-cn:sns:cn-north-1:111122223333:fleet-events_1.fifo");

  ASSERT_TRUE(read);
  EXPECT_EQ(read->region, "cn-north-1");
  EXPECT_EQ(read->account, "111122223333");
  EXPECT_EQ(read->name, "fleet-events_1.fifo");
  EXPECT_TRUE(read->is_fifo);
  EXPECT_FALSE(read_topic(topic)->is_fifo);
}

TEST(sns, takes_nothing_else_for_a_topic) {
  for (const auto* const other :
       {"", "fleet", "arn:aws:sqs:eu-west-1:111122223333:fleet", "arn:aws:sns:eu-west-1:111122223333",
        "arn:aws:sns:eu-west-1:111122223333:", "arn:aws:sns:eu-west-1:111122223333:.fifo",
        "arn:aws:sns:eu-west-1:111122223333:a.b", "arn:aws:sns:eu-west-1:1111:fleet",
        "arn:aws:sns:nowhere:111122223333:fleet", "arn:aws-cn:sns:eu-west-1:111122223333:fleet",
        "arn:aws:sns:eu-west-1:111122223333:fleet:0b6ff7ca-0e1c-4b0a-a2b2-000000000000"})
    EXPECT_FALSE(read_topic(other)) << other;
  EXPECT_TRUE(read_topic("arn:aws:sns:eu-west-1:111122223333:" + std::string(256, 'a')));
  EXPECT_FALSE(read_topic("arn:aws:sns:eu-west-1:111122223333:" + std::string(257, 'a')));
}

TEST(sns, knows_what_can_be_a_subject) {
  EXPECT_TRUE(is_subject("Spot interruption!"));
  EXPECT_TRUE(is_subject(std::string(99, 's')));
  EXPECT_FALSE(is_subject(std::string(100, 's')));
  for (const auto* const other : {"", " blank", "two\nlines", "caf\xc3\xa9"}) EXPECT_FALSE(is_subject(other)) << other;
}

}  // namespace
}  // namespace lifehook::aws
