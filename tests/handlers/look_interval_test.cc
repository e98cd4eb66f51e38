#include "handlers/look_interval.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr look_limits limits{1s, 10s, 30s};

TEST(look_interval, is_as_long_as_the_budget_asks) {
  struct row {
    double looks, others;
    std::optional<double> rate;
    duration expected;
  };
  const row rows[] = {
      {0, 0, 20, 1s},         // nobody looks
      {1, 3, 20, 1s},         // few
      {5, 0, 20, 1s},         // a quarter of the budget
      {6, 0, 20, 2s},         // more than that a second
      {50, 0, 20, 10s},       // still a quarter
      {51, 0, 20, 10s},       // rather more than a quarter than less often
      {160, 0, 20, 10s},      // four fifths of it
      {161, 0, 20, 11s},      // which is the most
      {480, 0, 20, 30s},      //
      {100'000, 0, 20, 30s},  // never rarer than this: then calls wait
      {1, 0, 5, 1s},          // a share of four, few drains
      {1, 3, 5, 1s},          //
      {1, 0, 0.5, 8s},        // a share of forty
      {10, 0, 20, 2s},        // what follows from looks counts
      {10, 100, 20, 7s},      // in the four fifths
      {10, 0, 10, 4s},        // AWS throttles: half as often
      {1, 0, 0.01, 30s},      //
      {1, 0, 0, 30s},         // nothing is left
      {0, 0, 0, 1s},          // but nobody looks
      {100'000, 0, {}, 1s},   // no limits
  };
  for (const auto& [looks, others, rate, expected] : rows)
    EXPECT_EQ(look_interval({looks, others}, rate, limits), expected)
        << looks << " looks, " << others << " others, " << rate.value_or(-1) << " a second";
}

TEST(look_phase, puts_those_that_fill_calls_together_and_the_groups_one_after_the_other) {
  EXPECT_EQ(look_phase(499, 500, 10s), 0s);
  std::map<duration, int> at;
  for (std::size_t place = 0; place < 5000; ++place) ++at[look_phase(place, 5000, 10s)];

  ASSERT_EQ(at.size(), 10U);
  for (int n = 0; n < 10; ++n) EXPECT_EQ(at[n * 1s], 500) << n;
}

TEST(look_phase, lies_within_the_interval_however_few_are_left) {
  EXPECT_EQ(look_phase(4999, 1, 10s), 0s);
  EXPECT_EQ(look_phase(0, 0, 10s), 0s);
  EXPECT_LT(look_phase(1'000'003, 100'000, 30s), 30s);
}

TEST(look_interval, keeps_to_the_limits_of_what_is_looked_at) {
  const look_limits slow{15s, 1min, 5min};

  EXPECT_EQ(look_interval({1}, std::nullopt, slow), 15s);
  EXPECT_EQ(look_interval({20}, 1.0, slow), 1min);
  EXPECT_EQ(look_interval({200}, 1.0, slow), 250s);
  EXPECT_EQ(look_interval({2000}, 1.0, slow), 5min);
}

}  // namespace
}  // namespace lifehook::handlers
