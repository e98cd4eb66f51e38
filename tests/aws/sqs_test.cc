#include "aws/sqs.h"

#include "tests/support/client_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;

const std::string queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle";

constexpr std::string_view one_message =
    R"({"Messages":[{"MessageId":"m1","ReceiptHandle":"rh1","Body":"{}","MD5OfBody":"x",
  "Attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1768478400123",
                "ApproximateFirstReceiveTimestamp":"1768478401456","SenderId":"AIDA"}}]})";

TEST(sqs, receives_by_long_poll_with_all_system_attributes) {
  client_stage stage;
  stage.wire.answer(200, std::string(one_message));

  const auto messages = stage.play(sqs(stage.with).receive(queue, 10, 20s, 120s));

  ASSERT_TRUE(messages);
  ASSERT_EQ(messages->size(), 1U);
  const auto& message = messages->front();
  EXPECT_EQ(message.id, "m1");
  EXPECT_EQ(message.receipt_handle, "rh1");
  EXPECT_EQ(message.body, "{}");
  EXPECT_EQ(message.receive_count, 3U);
  EXPECT_EQ(message.sent, client_stage::start + 123ms);
  EXPECT_EQ(message.first_received, client_stage::start + 1456ms);
  const auto& request = stage.wire.requests().at(0);
  EXPECT_EQ(header_of(request, "x-amz-target"), "AmazonSQS.ReceiveMessage");
  EXPECT_EQ(request.body,
            R"({"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle","MaxNumberOfMessages":10,)"
            R"("WaitTimeSeconds":20,"VisibilityTimeout":120,"MessageSystemAttributeNames":["All"]})");
}

TEST(sqs, gives_a_long_poll_ten_seconds_more_than_it_waits) {
  client_stage stage;
  stage.wire.answer(200, "{}");

  const auto messages = stage.play(sqs(stage.with).receive(queue, 1, 20s, 30s));

  ASSERT_TRUE(messages);
  EXPECT_TRUE(messages->empty());
  EXPECT_EQ(stage.wire.requests().at(0).timeout, 30s);
}

TEST(sqs, a_long_poll_tells_nothing_of_the_clock) {
  client_stage stage;
  const http_headers half_an_hour_ahead{{"date", "Thu, 15 Jan 2026 12:30:00 GMT"}};
  stage.wire.answer(200, "{}", half_an_hour_ahead);
  stage.wire.answer(200, "{}", half_an_hour_ahead);
  sqs under_test(stage.with);

  ASSERT_TRUE(stage.play(under_test.receive(queue, 1, 20s, 30s)));
  EXPECT_EQ(under_test.clock_ahead(), 0s) << "its wait would hide it";
  ASSERT_TRUE(stage.play(under_test.attributes(queue)));
  EXPECT_EQ(under_test.clock_ahead(), 30min);
}

TEST(sqs, asks_the_region_that_the_queue_lives_in) {
  client_stage stage;
  stage.wire.answer(200, "{}");

  EXPECT_TRUE(stage.play(sqs(stage.with).receive("https://sqs.us-east-2.amazonaws.com/1/q", 1, 0s, 30s)));

  EXPECT_EQ(stage.wire.requests().at(0).url, "https://sqs.us-east-2.amazonaws.com/");
}

TEST(sqs, refuses_a_message_without_the_times_that_deadlines_count_from) {
  client_stage stage;
  stage.wire.answer(200, R"({"Messages":[{"MessageId":"m1","ReceiptHandle":"rh1","Body":"{}"}]})");

  const auto messages = stage.play(sqs(stage.with).receive(queue, 1, 0s, 30s));

  ASSERT_FALSE(messages);
  EXPECT_EQ(messages.error().code(), errc::malformed);
}

TEST(sqs, removes_in_batches_and_names_the_entries_that_failed) {
  client_stage stage;
  stage.wire.answer(200, R"({"Successful":[{"Id":"0"}],"Failed":[
    {"Id":"1","SenderFault":true,"Code":"ReceiptHandleIsInvalid","Message":"expired"},
    {"Id":"2","SenderFault":false,"Code":"InternalError"}]})");

  const auto failures = stage.play(sqs(stage.with).remove(queue, {"a", "b", "c"}));

  ASSERT_TRUE(failures);
  ASSERT_EQ(failures->size(), 2U);
  EXPECT_EQ(failures->at(0).entry, 1U);
  EXPECT_EQ(failures->at(0).why.code(), errc::not_found);
  EXPECT_TRUE(failures->at(0).sender_fault);
  EXPECT_EQ(failures->at(1).entry, 2U);
  EXPECT_EQ(failures->at(1).why.code(), errc::unreachable);
  EXPECT_FALSE(failures->at(1).sender_fault);
  EXPECT_EQ(stage.wire.requests().at(0).body,
            R"({"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle","Entries":[)"
            R"({"Id":"0","ReceiptHandle":"a"},{"Id":"1","ReceiptHandle":"b"},{"Id":"2","ReceiptHandle":"c"}]})");
}

TEST(sqs, counts_an_entry_that_the_answer_does_not_mention_as_failed) {
  client_stage stage;
  stage.wire.answer(200, R"({"Successful":[{"Id":"0"},{"Id":"7"},{"Id":"x"}]})");

  const auto failures = stage.play(sqs(stage.with).remove(queue, {"a", "b"}));

  ASSERT_TRUE(failures);
  ASSERT_EQ(failures->size(), 1U);
  EXPECT_EQ(failures->at(0).entry, 1U);
  EXPECT_EQ(failures->at(0).why.code(), errc::unreachable);
}

TEST(sqs, changes_visibility_in_batches) {
  client_stage stage;
  stage.wire.answer(200, R"({"Successful":[{"Id":"0"},{"Id":"1"}]})");

  const auto failures = stage.play(sqs(stage.with).change_visibility(queue, {{"a", 0s}, {"b", 43200s}}));

  ASSERT_TRUE(failures);
  EXPECT_TRUE(failures->empty());
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"), "AmazonSQS.ChangeMessageVisibilityBatch");
  EXPECT_EQ(
      stage.wire.requests().at(0).body,
      R"({"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle","Entries":[)"
      R"({"Id":"0","ReceiptHandle":"a","VisibilityTimeout":0},{"Id":"1","ReceiptHandle":"b","VisibilityTimeout":43200}]})");
}

TEST(sqs, does_not_send_an_empty_batch) {
  client_stage stage;

  EXPECT_TRUE(stage.play(sqs(stage.with).remove(queue, {})));
  EXPECT_TRUE(stage.play(sqs(stage.with).change_visibility(queue, {})));

  EXPECT_TRUE(stage.wire.requests().empty());
}

TEST(sqs, reports_a_batch_that_failed_whole) {
  client_stage stage;
  stage.wire.answer(400, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"})");

  const auto failures = stage.play(sqs(stage.with).remove(queue, {"a"}));

  ASSERT_FALSE(failures);
  EXPECT_EQ(failures.error().code(), errc::denied);
}

TEST(sqs, an_entry_refused_for_a_reason_of_sqs_is_an_outage_and_one_of_ours_is_rejected) {
  client_stage stage;
  stage.wire.answer(200, R"({"Failed":[{"Id":"0","SenderFault":false,"Code":"SomethingNew"},
                                       {"Id":"1","SenderFault":true,"Code":"SomethingNew"}]})");

  const auto failures = stage.play(sqs(stage.with).remove(queue, {"a", "b"}));

  ASSERT_TRUE(failures);
  ASSERT_EQ(failures->size(), 2U);
  EXPECT_EQ(failures->at(0).why.code(), errc::unreachable);
  EXPECT_FALSE(failures->at(0).sender_fault);
  EXPECT_EQ(failures->at(1).why.code(), errc::rejected);
  EXPECT_TRUE(failures->at(1).sender_fault);
}

TEST(sqs, a_message_is_sent_once_whatever_is_answered) {
  for (const auto* refusal : {"", R"({"__type":"com.amazonaws.sqs#RequestThrottled","message":"slowly"})"}) {
    client_stage stage;
    stage.wire.answer(*refusal != 0 ? 400 : 503, refusal);
    stage.wire.answer(200, "{}");

    EXPECT_FALSE(stage.play(sqs(stage.with).send(queue, "a message")));

    ASSERT_EQ(stage.wire.requests().size(), 1U);
    EXPECT_FALSE(stage.wire.requests().at(0).resend) << "nor over a new connection";
  }
}

TEST(sqs, reads_all_attributes_of_a_queue) {
  client_stage stage;
  stage.wire.answer(200, R"({"Attributes":{"VisibilityTimeout":"30","RedrivePolicy":"{\"maxReceiveCount\":10}"}})");

  const auto attributes = stage.play(sqs(stage.with).attributes(queue));

  ASSERT_TRUE(attributes);
  EXPECT_EQ(attributes->at("VisibilityTimeout"), "30");
  EXPECT_EQ(attributes->at("RedrivePolicy"), R"({"maxReceiveCount":10})");
  EXPECT_EQ(stage.wire.requests().at(0).body,
            R"({"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle","AttributeNames":["All"]})");
}

TEST(queue_url, is_told_apart_from_other_queues_by_arn) {
  EXPECT_TRUE(is_queue_at("arn:aws:sqs:us-west-2:1:q", "https://us-west-2.queue.amazonaws.com/1/q"));
  EXPECT_TRUE(is_queue_at("arn:aws:sqs:eu-west-1:1:q", "http://localhost:4566/1/q")) << "of no known region";
  EXPECT_FALSE(is_queue_at("arn:aws:sqs:us-west-2:1:q", "https://sqs.us-east-1.amazonaws.com/1/q"));
  EXPECT_FALSE(is_queue_at("arn:aws:sqs:us-west-2:2:q", "https://us-west-2.queue.amazonaws.com/1/q"));
  EXPECT_FALSE(is_queue_at("arn:aws:sns:us-west-2:1:q", "https://us-west-2.queue.amazonaws.com/1/q"));
  EXPECT_TRUE(is_queue("arn:aws-cn:sqs:cn-north-1:1:q"));
  EXPECT_FALSE(is_queue("arn:aws:sns:us-west-2:1:q"));
  EXPECT_FALSE(is_queue(""));
}

TEST(queue_url, ends_in_the_name_of_the_queue) { EXPECT_EQ(queue_name(queue), "lifecycle"); }

TEST(queue_url, names_the_region_in_the_forms_aws_has_used) {
  EXPECT_EQ(queue_region(queue), "eu-west-1");
  EXPECT_EQ(queue_region("https://us-west-2.queue.amazonaws.com/1/q"), "us-west-2");
  EXPECT_EQ(queue_region("https://queue.amazonaws.com/1/q"), "us-east-1");
  EXPECT_EQ(queue_region("https://sqs-fips.us-gov-west-1.amazonaws.com/1/q"), "us-gov-west-1");
  EXPECT_EQ(queue_region("https://vpce-0a1.sqs.eu-west-3.vpce.amazonaws.com/1/q"), "eu-west-3");
  EXPECT_EQ(queue_region("https://sqs.cn-north-1.amazonaws.com.cn/1/q"), "cn-north-1");
}

TEST(queue_url, of_another_host_names_no_region) {
  EXPECT_EQ(queue_region("http://localhost:4566/000000000000/q"), "");
  EXPECT_EQ(queue_region("http://sqs.internal.example.com/q"), "");
  EXPECT_EQ(queue_region("http://sqs.my-host1.example.com/q"), "");
  EXPECT_EQ(queue_region("https://sqs."), "");
  EXPECT_EQ(queue_region(""), "");
}

}  // namespace
}  // namespace lifehook::aws
