#include "queues/attributes.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace lifehook::queues {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

queue_attributes good() {
  queue_attributes attributes;
  attributes.max_receive_count = 20;
  return attributes;
}

TEST(attributes, are_read_by_the_names_sqs_gives_them) {
  const auto read =
      read_attributes({{"MessageRetentionPeriod", "345600"},
                       {"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:1:d","maxReceiveCount":20})"},
                       {"QueueArn", "arn:aws:sqs:eu-west-1:1:q"},
                       {"Policy", "{}"},
                       {"ApproximateNumberOfMessages", "12"},
                       {"ApproximateNumberOfMessagesNotVisible", "3"},
                       {"ApproximateNumberOfMessagesDelayed", "1"}});

  EXPECT_FALSE(read.fifo);
  EXPECT_EQ(read.arn, "arn:aws:sqs:eu-west-1:1:q");
  EXPECT_EQ(read.policy, "{}");
  EXPECT_EQ(read.retention, 96h);
  EXPECT_EQ(read.max_receive_count, 20U);
  EXPECT_EQ(read.visible, 12);
  EXPECT_EQ(read.in_flight, 3);
  EXPECT_EQ(read.delayed, 1);
}

TEST(attributes, the_receive_limit_may_be_written_as_a_string) {
  EXPECT_EQ(read_attributes({{"RedrivePolicy", R"({"maxReceiveCount":"7"})"}}).max_receive_count, 7U);
}

TEST(attributes, a_redrive_policy_that_makes_no_sense_is_none) {
  for (const auto* policy : {"", "hello", "[]", "{}", R"({"maxReceiveCount":"many"})", R"({"maxReceiveCount":-1})",
                             R"({"maxReceiveCount":null})", R"({"maxReceiveCount":2.5})"})
    EXPECT_EQ(read_attributes({{"RedrivePolicy", policy}}).max_receive_count, 0U) << policy;
}

TEST(attributes, what_sqs_leaves_out_is_its_default) {
  const auto read = read_attributes({});

  EXPECT_FALSE(read.fifo);
  EXPECT_EQ(read.retention, 96h);
  EXPECT_EQ(read.max_receive_count, 0U);
}

TEST(attributes, a_good_queue_is_not_spoken_of) { EXPECT_THAT(check(good(), 1h), IsEmpty()); }

TEST(attributes, a_fifo_queue_is_refused) {
  auto queue = read_attributes({{"FifoQueue", "true"}});
  queue.max_receive_count = 20;

  const auto found = check(queue, 1h);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].refuses);
  EXPECT_THAT(found[0].text, HasSubstr("FIFO"));
}

TEST(attributes, a_key_that_no_service_may_use_is_warned_of) {
  for (const auto* const theirs : {"alias/aws/sqs", "arn:aws:kms:eu-west-1:111122223333:alias/aws/sqs"}) {
    auto queue = read_attributes({{"KmsMasterKeyId", theirs}});
    queue.max_receive_count = 20;
    const auto found = check(queue, 1h);
    ASSERT_EQ(found.size(), 1U) << theirs;
    EXPECT_FALSE(found[0].refuses);
    EXPECT_THAT(found[0].text, HasSubstr("SqsManagedSseEnabled"));
  }
  auto ours = good();
  ours.kms_key = "alias/lifehook-queue";
  EXPECT_THAT(check(ours, 1h), IsEmpty());
}

TEST(attributes, a_delay_is_warned_of) {
  auto queue = read_attributes({{"DelaySeconds", "60"}});
  queue.max_receive_count = 20;

  const auto found = check(queue, 1h);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].refuses);
  EXPECT_THAT(found[0].text, HasSubstr("1m"));
}

TEST(attributes, a_retention_shorter_than_the_deadline_is_refused) {
  auto queue = good();
  queue.retention = 30min;

  const auto found = check(queue, 1h);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].refuses);
  EXPECT_THAT(found[0].text, HasSubstr("MessageRetentionPeriod"));
  EXPECT_THAT(found[0].text, HasSubstr("30m"));
  EXPECT_THAT(found[0].text, HasSubstr("1h"));
}

TEST(attributes, a_retention_as_long_as_the_deadline_will_do) {
  auto queue = good();
  queue.retention = 1h;

  EXPECT_THAT(check(queue, 1h), IsEmpty());
}

TEST(attributes, no_redrive_policy_is_warned_of) {
  auto queue = good();
  queue.max_receive_count = 0;

  const auto found = check(queue, 1h);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].refuses);
  EXPECT_THAT(found[0].text, HasSubstr("redrive policy"));
}

TEST(attributes, a_small_receive_limit_is_warned_of) {
  auto queue = good();
  queue.max_receive_count = 9;

  const auto found = check(queue, 1h);

  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].refuses);
  EXPECT_THAT(found[0].text, HasSubstr("maxReceiveCount is 9"));
  queue.max_receive_count = 10;
  EXPECT_THAT(check(queue, 1h), IsEmpty());
}

TEST(attributes, what_aws_refuses_has_an_advice) {
  const auto on = [](std::string_view code) { return advice_on({errc::denied, "no", std::string(code)}); };

  EXPECT_THAT(std::string(on("AccessDeniedException")), HasSubstr("lifehook policy"));
  EXPECT_THAT(std::string(on("AWS.SimpleQueueService.NonExistentQueue")), HasSubstr("url"));
  EXPECT_THAT(std::string(on("KMS.AccessDeniedException")), HasSubstr("kms:Decrypt"));
  EXPECT_THAT(std::string(on("InvalidClientTokenId")), HasSubstr("credentials"));
  EXPECT_THAT(std::string(advice_on({errc::unreachable, "no"})), HasSubstr("tried again"));
}

}  // namespace
}  // namespace lifehook::queues
