#include "queues/disposition.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lifehook::queues {
namespace {

using namespace std::chrono_literals;

TEST(disposition, has_the_names_that_metrics_show) {
  EXPECT_EQ(name(disposition::remove), "remove");
  EXPECT_EQ(name(disposition::requeue), "requeue");
  EXPECT_EQ(name(disposition::retry), "retry");
  EXPECT_EQ(name(disposition::leave), "leave");
}

TEST(disposition, requeues_of_choice_stop_at_half_of_the_receive_limit) {
  EXPECT_TRUE(may_requeue(1, 10));
  EXPECT_TRUE(may_requeue(4, 10));
  EXPECT_FALSE(may_requeue(5, 10));
  EXPECT_FALSE(may_requeue(9, 10));
  EXPECT_TRUE(may_requeue(1, 3));
  EXPECT_FALSE(may_requeue(2, 3));
  EXPECT_FALSE(may_requeue(1, 1));
}

TEST(disposition, without_a_redrive_policy_requeues_never_stop) { EXPECT_TRUE(may_requeue(1'000'000, 0)); }

TEST(disposition, a_retry_waits_longer_the_more_often_it_was_received_up_to_the_cap) {
  random_source random(1);
  const auto longest = [&random](unsigned receive_count) {
    duration most{0};
    for (int i = 0; i < 500; ++i) most = std::max(most, retry_delay(receive_count, 60s, random));
    return most;
  };

  EXPECT_LE(longest(1), 2s);
  EXPECT_GT(longest(4), 8s);
  EXPECT_LE(longest(4), 16s);
  EXPECT_GT(longest(1000), 50s);
  EXPECT_LE(longest(1000), 60s);
}

}  // namespace
}  // namespace lifehook::queues
