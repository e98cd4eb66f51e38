#include "aws/eventbridge.h"

#include "tests/support/client_stage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using testing::HasSubstr;

const std::string queue = "arn:aws:sqs:eu-central-1:111122223333:life";

result<std::vector<event_rule>> asked(client_stage& stage) {
  return stage.play(eventbridge(stage.with).rules_to(queue, "eu-central-1"));
}

TEST(eventbridge, gives_the_rules_of_a_target_with_their_patterns_from_all_pages) {
  client_stage stage;
  stage.wire.answer(200, R"({"NextToken":"more","RuleNames":["spot"]})")
      .answer(
          200,
          R"({"Name":"spot","Arn":"arn:aws:events:eu-central-1:1:rule/spot","State":"ENABLED","EventPattern":"{\"source\":[\"aws.ec2\"]}"})")
      .answer(200, R"({"RuleNames":["nightly"]})")
      .answer(200, R"({"Name":"nightly","State":"DISABLED","ScheduleExpression":"cron"})");

  const auto rules = asked(stage);

  ASSERT_TRUE(rules && rules->size() == 2);
  EXPECT_EQ(rules->at(0).name, "spot");
  EXPECT_EQ(rules->at(0).arn, "arn:aws:events:eu-central-1:1:rule/spot");
  EXPECT_TRUE(rules->at(0).is_enabled);
  EXPECT_EQ(rules->at(0).pattern, R"({"source":["aws.ec2"]})");
  EXPECT_FALSE(rules->at(1).is_enabled);
  EXPECT_EQ(rules->at(1).pattern, "");
  const auto& first = stage.wire.requests().at(0);
  EXPECT_EQ(first.url, "https://events.eu-central-1.amazonaws.com/");
  EXPECT_EQ(header_of(first, "x-amz-target"), "AWSEvents.ListRuleNamesByTarget");
  EXPECT_THAT(std::string(header_of(first, "authorization")), HasSubstr("/eu-central-1/events/aws4_request"));
  EXPECT_THAT(stage.wire.requests().at(2).body, HasSubstr(R"("NextToken":"more")"));
  EXPECT_EQ(stage.wire.requests().at(1).body, R"({"Name":"spot"})");
}

TEST(eventbridge, leaves_out_a_rule_that_went_meanwhile_and_tells_any_other_error) {
  const auto answered_with = [](std::string_view code) {
    client_stage stage;
    stage.wire.answer(200, R"({"RuleNames":["gone"]})").answer(400, fmt::format(R"({{"__type":"{}"}})", code));
    return asked(stage);
  };

  EXPECT_TRUE(answered_with("ResourceNotFoundException").value().empty());
  EXPECT_EQ(answered_with("AccessDeniedException").error().code(), errc::denied);
}

TEST(eventbridge, does_not_take_an_answer_without_names_for_none) {
  client_stage stage;
  for (int i = 0; i < 5; ++i) stage.wire.answer(200, "{}");

  EXPECT_FALSE(asked(stage));
}

bool takes(std::string_view pattern) { return may_take(pattern, "aws.ec2", "EC2 Spot Instance Interruption Warning"); }

TEST(eventbridge, a_pattern_takes_what_it_names_or_does_not_ask_for) {
  EXPECT_TRUE(takes(R"({"source":["aws.ec2"]})"));
  EXPECT_TRUE(takes(R"({"source":["aws.ecs","aws.ec2"],"detail-type":["EC2 Spot Instance Interruption Warning"]})"));
  EXPECT_TRUE(takes(R"({"detail":{"instance-action":["terminate"]}})"));
  EXPECT_TRUE(takes(R"({"source":[{"prefix":"aws."}],"detail-type":[{"wildcard":"*Spot*"}]})")) << "for all we know";
  EXPECT_TRUE(takes(R"({"source":["aws.ec2"],"detail-type":[{"suffix":"Warning"},"else"]})"));
  EXPECT_TRUE(takes(R"({"detail-type":[{"anything-but":["EC2 Instance Rebalance Recommendation"]}]})"));
  EXPECT_TRUE(takes(R"({"detail-type":[{"equals-ignore-case":"ec2 spot"}]})")) << "for all we know";
  EXPECT_TRUE(takes("not JSON")) << "AWS reads what we do not";
}

TEST(eventbridge, a_pattern_does_not_take_what_it_does_not_name) {
  EXPECT_FALSE(takes(R"({"source":["aws.autoscaling"]})"));
  EXPECT_FALSE(takes(R"({"source":["aws.ec2"],"detail-type":["EC2 Instance Rebalance Recommendation"]})"));
  EXPECT_FALSE(takes(R"({"source":["aws.ec2"],"detail-type":[]})"));
  EXPECT_FALSE(takes(R"({"detail-type":[{"prefix":"EC2 Instance"}]})"));
  EXPECT_FALSE(takes(R"({"detail-type":[{"suffix":"Recommendation"}]})"));
  EXPECT_FALSE(takes(R"({"detail-type":[{"wildcard":"*Rebalance*"}]})"));
  EXPECT_FALSE(takes(R"({"detail-type":[{"anything-but":"EC2 Spot Instance Interruption Warning"}]})"));
  EXPECT_FALSE(takes("")) << "a schedule";
}

}  // namespace
}  // namespace lifehook::aws
