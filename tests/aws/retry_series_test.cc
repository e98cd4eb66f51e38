#include "aws/retry_series.h"

#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;

struct retry_series_test : testing::Test {
  after_try after(retry_kind failure, duration now = 0s) { return attempts.after(failure, {}, now, random); }
  void use_up_quota() {
    while (quota.take(retry_kind::transient)) {
    }
  }

  random_source random{7};
  retry_quota quota;
  call_options options;
  retry_series attempts{quota, options, true};
};

TEST_F(retry_series_test, tries_again_as_often_as_the_call_allows) {
  EXPECT_TRUE(after(retry_kind::transient).again);
  EXPECT_TRUE(after(retry_kind::transient).again);
  EXPECT_FALSE(after(retry_kind::transient).again);
}

TEST_F(retry_series_test, leaves_alone_what_was_refused_and_what_must_not_be_sent_twice) {
  options.resend = false;

  EXPECT_FALSE(after(retry_kind::none).again);
  EXPECT_FALSE(after(retry_kind::transient).again);
  EXPECT_TRUE(after(retry_kind::throttling).again) << "AWS did not take it";
}

TEST_F(retry_series_test, with_the_quota_used_up_only_a_long_poll_waits_before_it_fails) {
  use_up_quota();
  EXPECT_FALSE(after(retry_kind::transient).again);
  EXPECT_EQ(after(retry_kind::transient).wait, 0s);

  options.long_poll = true;

  EXPECT_FALSE(after(retry_kind::transient).again);
  EXPECT_GT(after(retry_kind::transient).wait, 0s);
}

TEST_F(retry_series_test, what_is_paced_waits_out_throttling_for_its_patience_whatever_attempts_and_quota) {
  use_up_quota();

  for (int i = 0; i < 10; ++i) EXPECT_TRUE(after(retry_kind::throttling, 1min).again);
  EXPECT_EQ(after(retry_kind::throttling, 1min).kind, retry_kind::paced);

  EXPECT_FALSE(after(retry_kind::throttling, 1min + options.patience).again);
}

TEST_F(retry_series_test, patience_counts_from_the_first_wait_for_a_turn_and_leaves_the_attempts) {
  attempts.waits_from(0s);
  attempts.waits_from(1h);

  EXPECT_TRUE(after(retry_kind::throttling, 1h).again);
  EXPECT_TRUE(after(retry_kind::throttling, 1h).again);
  EXPECT_FALSE(after(retry_kind::throttling, 1h).again);
}

}  // namespace
}  // namespace lifehook::aws
