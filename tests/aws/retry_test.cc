#include "aws/retry.h"

#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;

duration longest_delay(retry_kind kind, unsigned retry, std::string_view asked = {}) {
  random_source random(7);
  duration longest{0};
  for (int i = 0; i < 2000; ++i) longest = std::max(longest, retry_delay(kind, retry, asked, random));
  return longest;
}

TEST(retry, follows_outages_that_pass_and_nothing_else) {
  EXPECT_EQ(kind_of(errc::timeout), retry_kind::transient);
  EXPECT_EQ(kind_of(errc::unreachable), retry_kind::transient);
  EXPECT_EQ(kind_of(errc::throttled), retry_kind::throttling);
  for (const auto final : {errc::too_large, errc::denied, errc::not_found, errc::rejected, errc::malformed,
                           errc::cancelled, errc::internal})
    EXPECT_EQ(kind_of(final), retry_kind::none) << name(final);
}

TEST(retry, waits_up_to_a_base_that_doubles_and_is_longer_for_throttling) {
  EXPECT_LE(longest_delay(retry_kind::transient, 0), 50ms);
  EXPECT_GT(longest_delay(retry_kind::transient, 0), 45ms);
  EXPECT_LE(longest_delay(retry_kind::transient, 2), 200ms);
  EXPECT_GT(longest_delay(retry_kind::transient, 2), 180ms);
  EXPECT_LE(longest_delay(retry_kind::throttling, 1), 2s);
  EXPECT_GT(longest_delay(retry_kind::throttling, 1), 1800ms);
  EXPECT_LE(longest_delay(retry_kind::throttling, 40), 20s);
}

TEST(retry, waits_as_long_as_aws_asks_within_five_seconds_of_its_own_delay) {
  random_source random(7);

  EXPECT_EQ(retry_delay(retry_kind::transient, 0, "1500", random), 1500ms);
  EXPECT_LE(longest_delay(retry_kind::transient, 0, "60000"), 5050ms);
  EXPECT_GT(longest_delay(retry_kind::transient, 0, "60000"), 5s);
  EXPECT_GT(longest_delay(retry_kind::transient, 0, "0"), 45ms);
}

TEST(retry, ignores_an_asked_wait_that_is_no_count_of_milliseconds) {
  for (const auto* const text : {"-5", "soon", "1.5", "1500ms", "99999999999999"})
    EXPECT_LE(longest_delay(retry_kind::transient, 0, text), 50ms) << text;
}

TEST(retry, blames_the_clock_only_when_it_is_more_than_four_minutes_off) {
  const time_point signed_at{1'000'000s};

  EXPECT_TRUE(blames_clock("SignatureDoesNotMatch", signed_at, signed_at + 4min + 1s));
  EXPECT_TRUE(blames_clock("InvalidSignatureException", signed_at, signed_at - 1h));
  EXPECT_FALSE(blames_clock("SignatureDoesNotMatch", signed_at, signed_at + 4min));
  EXPECT_FALSE(blames_clock("SignatureDoesNotMatch", signed_at, std::nullopt));
  EXPECT_FALSE(blames_clock("RequestExpired", signed_at, signed_at + 1h));
}

TEST(retry_quota, allows_35_retries_of_transient_faults_or_100_of_throttling) {
  retry_quota transient, throttling;
  int of_transient = 0, of_throttling = 0;

  while (transient.take(retry_kind::transient)) ++of_transient;
  while (throttling.take(retry_kind::throttling)) ++of_throttling;

  EXPECT_EQ(of_transient, 35);
  EXPECT_EQ(of_throttling, 100);
}

TEST(retry_quota, gives_back_what_the_retry_cost_that_succeeded) {
  retry_quota quota;
  while (quota.take(retry_kind::transient)) {
  }

  quota.succeeded(retry_kind::transient);

  EXPECT_TRUE(quota.take(retry_kind::transient));
  EXPECT_FALSE(quota.take(retry_kind::transient));
}

TEST(retry_quota, grows_by_one_with_each_call_that_needed_no_retry_but_never_above_full) {
  retry_quota quota;
  for (int i = 0; i < 1000; ++i) quota.succeeded(retry_kind::none);
  int taken = 0;
  while (quota.take(retry_kind::throttling)) ++taken;
  EXPECT_EQ(taken, 100);

  for (int i = 0; i < 4; ++i) quota.succeeded(retry_kind::none);
  EXPECT_FALSE(quota.take(retry_kind::throttling));
  quota.succeeded(retry_kind::none);
  EXPECT_TRUE(quota.take(retry_kind::throttling));
}

}  // namespace
}  // namespace lifehook::aws
