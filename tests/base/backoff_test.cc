#include "base/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace lifehook {
namespace {

using namespace std::chrono_literals;

constexpr int draws = 2000;

struct extremes {
  duration least = duration::max();
  duration most{0};
};

template <class Draw>
extremes drawn(Draw draw) {
  extremes seen;
  for (int i = 0; i < draws; ++i) {
    const duration wait = draw();
    seen.least = std::min(seen.least, wait);
    seen.most = std::max(seen.most, wait);
  }
  return seen;
}

TEST(backoff, the_first_wait_is_anything_up_to_the_base) {
  random_source random(1);

  const auto seen = drawn([&] { return full_jitter({1s, 20s}, 0, random); });

  EXPECT_LT(seen.least, 50ms);
  EXPECT_GT(seen.most, 950ms);
  EXPECT_LE(seen.most, 1s);
}

TEST(backoff, the_range_doubles_with_every_attempt) {
  random_source random(1);

  const auto seen = drawn([&] { return full_jitter({1s, 20s}, 3, random); });

  EXPECT_LT(seen.least, 400ms);
  EXPECT_GT(seen.most, 7600ms);
  EXPECT_LE(seen.most, 8s);
}

TEST(backoff, the_cap_is_never_passed_however_many_attempts) {
  random_source random(1);

  for (const auto attempt : {5U, 31U, 64U, 1'000'000U}) {
    const auto seen = drawn([&] { return full_jitter({1s, 20s}, attempt, random); });
    EXPECT_GE(seen.least, 0s) << attempt;
    EXPECT_GT(seen.most, 19s) << attempt;
    EXPECT_LE(seen.most, 20s) << attempt;
  }
}

TEST(backoff, the_same_seed_draws_the_same_waits) {
  random_source one(42);
  random_source other(42);

  for (unsigned attempt = 0; attempt < 10; ++attempt)
    EXPECT_EQ(full_jitter({1s, 1h}, attempt, one), full_jitter({1s, 1h}, attempt, other));
}

TEST(backoff, a_spread_stays_within_its_share_on_both_sides) {
  random_source random(1);

  const auto seen = drawn([&] { return spread(100s, 0.1, random); });

  EXPECT_GE(seen.least, 90s);
  EXPECT_LT(seen.least, 91s);
  EXPECT_GT(seen.most, 109s);
  EXPECT_LE(seen.most, 110s);
}

TEST(backoff, says_ever_fewer_of_the_attempts_that_fail) {
  std::vector<unsigned> said;
  for (unsigned attempt = 0; attempt < 100; ++attempt)
    if (is_worth_saying(attempt)) said.push_back(attempt);

  EXPECT_EQ(said, (std::vector<unsigned>{0, 1, 2, 4, 8, 16, 32, 64}));
}

}  // namespace
}  // namespace lifehook
