#include "aws/call_rate.h"

#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;

TEST(call_rate, is_what_was_called_a_second_lately) {
  call_rate rate;

  for (auto now = duration(0s); now < 3min; now += 100ms) rate.add(now);

  EXPECT_NEAR(rate.at(3min), 10, 0.2);
  EXPECT_LT(rate.at(3min + 30s), 4);
  EXPECT_LT(rate.at(8min), 0.01);
}

TEST(call_rate, takes_a_single_burst_for_little) {
  call_rate rate;

  for (int i = 0; i < 60; ++i) rate.add(1s);

  EXPECT_NEAR(rate.at(1s), 2, 0.1);
}

TEST(overdraft, is_deep_when_ten_seconds_would_not_pay_it) {
  struct row {
    int calls;
    bool is_deep;
  };
  for (const auto& [calls, is_deep] : {row{10, false}, row{30, false}, row{31, true}, row{1000, true}}) {
    overdraft debt;
    for (int i = 0; i < calls; ++i) debt.add(1s, 2, 10);
    EXPECT_EQ(debt.is_deep(1s, 2, 10), is_deep) << calls;
  }
}

TEST(overdraft, is_paid_at_the_familys_rate_and_never_so_large_that_its_end_is_not_seen) {
  overdraft debt;
  for (int i = 0; i < 100'000; ++i) debt.add(1s, 2, 10);

  EXPECT_TRUE(debt.is_deep(10s, 2, 10));
  EXPECT_FALSE(debt.is_deep(11s, 2, 10));
}

TEST(overdraft, is_none_while_calls_keep_to_the_rate) {
  overdraft debt;

  for (auto now = duration(0s); now < 1h; now += 500ms) debt.add(now, 2, 0);

  EXPECT_FALSE(debt.is_deep(1h, 2, 0));
}

}  // namespace
}  // namespace lifehook::aws
