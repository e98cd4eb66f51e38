#include "worker/queue_labels.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

using testing::ElementsAre;

std::vector<std::string> labels(const std::vector<std::string>& urls) {
  std::vector<queue_settings> queues;
  for (const auto& url : urls) {
    queues.emplace_back();
    queues.back().url = url;
  }
  return queue_labels(queues);
}

TEST(queue_labels, are_the_names_when_these_differ) {
  EXPECT_THAT(labels({"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle",
                      "https://sqs.us-east-1.amazonaws.com/111122223333/spot"}),
              ElementsAre("lifecycle", "spot"));
}

TEST(queue_labels, tell_the_region_where_two_share_a_name) {
  EXPECT_THAT(labels({"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle",
                      "https://sqs.us-east-1.amazonaws.com/111122223333/lifecycle",
                      "https://sqs.us-east-1.amazonaws.com/111122223333/spot"}),
              ElementsAre("lifecycle@eu-west-1", "lifecycle@us-east-1", "spot"));
}

TEST(queue_labels, tell_the_account_where_two_share_name_and_region) {
  EXPECT_THAT(labels({"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle",
                      "https://sqs.eu-west-1.amazonaws.com/444455556666/lifecycle"}),
              ElementsAre("lifecycle@111122223333", "lifecycle@444455556666"));
}

TEST(queue_labels, tell_both_where_one_is_not_enough) {
  EXPECT_THAT(labels({"https://sqs.eu-west-1.amazonaws.com/111122223333/q",
                      "https://sqs.us-east-1.amazonaws.com/111122223333/q",
                      "https://sqs.eu-west-1.amazonaws.com/444455556666/q"}),
              ElementsAre("q@eu-west-1/111122223333", "q@us-east-1", "q@444455556666"));
}

TEST(queue_labels, tell_the_host_of_a_url_without_a_region) {
  EXPECT_THAT(labels({"http://one.local:4566/000000000000/q", "http://two.local:4566/000000000000/q"}),
              ElementsAre("q@one.local", "q@two.local"));
}

}  // namespace
}  // namespace lifehook::worker
