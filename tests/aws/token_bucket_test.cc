#include "aws/token_bucket.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;

// Calls as often as it may from `from` to `until`; how many.
int calls(token_bucket& of, duration from, duration until) {
  int made = 0;
  for (auto now = from; now < until;) {
    const auto wait = of.until_free(now);
    if (wait > 0s) {
      now += wait;
      continue;
    }
    of.take(now);
    of.succeeded(now);
    ++made;
  }
  return made;
}

TEST(token_bucket, lets_its_size_go_at_once_and_then_so_many_a_second) {
  token_bucket bucket({100, 20});

  EXPECT_EQ(calls(bucket, 0s, 1ms), 100);
  EXPECT_NEAR(calls(bucket, 1ms, 10s), 200, 2);
}

TEST(token_bucket, fills_up_to_its_size_only) {
  token_bucket bucket({10, 5});
  calls(bucket, 0s, 1ms);

  EXPECT_EQ(calls(bucket, 1h, 1h + 1ms), 10);
}

TEST(token_bucket, without_figures_lets_everything_go_until_aws_throttles) {
  token_bucket bucket({});
  for (auto now = duration(0s); now < 10s; now += 10ms) {
    EXPECT_EQ(bucket.until_free(now), 0s);
    bucket.take(now);
    bucket.succeeded(now);
  }
  EXPECT_EQ(bucket.rate(), std::nullopt);

  bucket.throttled(10s);

  ASSERT_TRUE(bucket.rate().has_value());
  EXPECT_NEAR(*bucket.rate(), 20, 5) << "seven tenths of what went through in half a minute";
  EXPECT_GT(bucket.until_free(10s), 0s);
}

TEST(token_bucket, comes_back_to_its_limits_and_is_cut_again_by_the_next_throttle) {
  token_bucket bucket({100, 20});
  calls(bucket, 0s, 60s);
  bucket.throttled(60s);
  const auto cut = *bucket.rate();
  EXPECT_NEAR(cut, 12.5, 2);

  for (auto now = duration(60s); now < 120s; now += 100ms)
    if (bucket.until_free(now) == 0s) {
      bucket.take(now);
      bucket.succeeded(now);
    }
  EXPECT_DOUBLE_EQ(*bucket.rate(), 20);
  bucket.throttled(120s);
  EXPECT_LT(*bucket.rate(), 15);
}

// AWS has 100 at once and refills ten a second. Calls go out together, as fast as they may; how many it throttles.
int throttled_by_aws(token_bucket& of, duration until) {
  double aws_has = 100;
  int throttled = 0;
  for (auto now = duration(0s); now < until; now += 10ms) {
    aws_has = std::min(100.0, aws_has + 0.1);
    while (of.until_free(now) == 0s) {
      of.take(now);
      if (aws_has >= 1) {
        --aws_has;
        of.succeeded(now);
      } else {
        ++throttled;
        of.throttled(now);
      }
    }
  }
  return throttled;
}

TEST(token_bucket, learns_from_the_throttles_of_a_burst_what_aws_takes) {
  token_bucket bucket({});

  const auto at_first = throttled_by_aws(bucket, 30s);

  EXPECT_LE(at_first, 30) << "one in ten";
  EXPECT_THAT(*bucket.rate(), testing::AllOf(testing::Ge(6), testing::Le(25)));
}

TEST(token_bucket, is_not_slowed_where_throttling_is_of_single_resources) {
  token_bucket bucket({0, 0, false});

  bucket.throttled(1s);

  EXPECT_EQ(bucket.rate(), std::nullopt);
}

TEST(token_bucket, never_slows_down_below_two_calls_a_second) {
  token_bucket bucket({100, 20});

  for (int i = 0; i < 50; ++i) bucket.throttled(i * 1s);

  EXPECT_DOUBLE_EQ(*bucket.rate(), 2);
}

TEST(token_bucket, takes_the_throttles_of_one_burst_for_one_sign) {
  token_bucket bucket({});
  for (auto now = duration(0s); now < 10s; now += 10ms) {
    bucket.take(now);
    bucket.succeeded(now);
  }

  for (int i = 0; i < 50; ++i) bucket.throttled(10s + i * 1ms);

  EXPECT_NEAR(*bucket.rate(), 20, 5);
}

TEST(token_bucket, a_throttle_never_makes_a_small_share_larger) {
  token_bucket bucket(call_limits{20, 4}.shared_by(10));
  for (auto now = duration(0s); now < 60s; now += 5s) bucket.take(now);

  bucket.throttled(60s);

  EXPECT_LE(*bucket.rate(), 0.4);
}

TEST(token_bucket, forgets_an_unpublished_limit_after_ten_quiet_minutes) {
  token_bucket bucket({});
  bucket.throttled(0s);
  for (auto now = duration(0s); now < 11min; now += 1s) {
    bucket.take(now);
    bucket.succeeded(now);
  }

  EXPECT_EQ(bucket.rate(), std::nullopt);
}

TEST(token_bucket, forgets_a_throttle_of_long_ago_also_where_little_is_called) {
  token_bucket bucket({100, 20});
  calls(bucket, 0s, 10s);
  bucket.throttled(10s);

  for (auto now = duration(20s); now < 10min; now += 10s) {
    bucket.take(now);
    bucket.succeeded(now);
  }
  EXPECT_TRUE(bucket.is_slowed());
  bucket.take(11min);
  bucket.succeeded(11min);

  EXPECT_FALSE(bucket.is_slowed());
  EXPECT_EQ(calls(bucket, 20min, 20min + 1ms), 100);
}

TEST(token_bucket, keeps_its_part_of_what_is_left_when_its_limits_change) {
  token_bucket bucket({100, 20});
  for (int i = 0; i < 40; ++i) bucket.take(0s);

  bucket.change({25, 5}, 0s);

  EXPECT_EQ(calls(bucket, 0s, 1ms), 15) << "a quarter of 60";
  EXPECT_NEAR(calls(bucket, 1ms, 10s), 50, 1);
}

TEST(token_bucket, keeps_its_part_of_what_is_owed_when_its_limits_change) {
  token_bucket bucket({100, 20});
  for (int i = 0; i < 200; ++i) bucket.take(0s);

  bucket.change({25, 5}, 0s);

  EXPECT_EQ(bucket.until_free(0s), 2200ms) << "ten calls, and the next one, at five a second";
}

TEST(token_bucket, keeps_its_part_of_what_aws_has_slowed_down) {
  token_bucket bucket({100, 20});
  calls(bucket, 0s, 60s);
  bucket.throttled(60s);
  const auto cut = *bucket.rate();

  bucket.change({50, 10}, 60s);
  EXPECT_DOUBLE_EQ(*bucket.rate(), cut / 2);
  bucket.change({1000, 200}, 60s);
  EXPECT_DOUBLE_EQ(*bucket.rate(), cut * 10);
}

TEST(token_bucket, without_figures_has_none_to_change) {
  token_bucket bucket({});

  bucket.change(call_limits{}.shared_by(4), 1s);

  EXPECT_EQ(bucket.rate(), std::nullopt);
  EXPECT_EQ(bucket.until_free(1s), 0s);
}

TEST(token_bucket, replicas_share_what_is_published_evenly) {
  EXPECT_DOUBLE_EQ((call_limits{100, 20}.shared_by(4).most), 25);
  EXPECT_DOUBLE_EQ((call_limits{100, 20}.shared_by(4).refill), 5);
  EXPECT_DOUBLE_EQ((call_limits{2, 20}.shared_by(4).most), 1) << "never none at once";
  EXPECT_DOUBLE_EQ(call_limits{}.shared_by(4).refill, 0);
}

}  // namespace
}  // namespace lifehook::aws
