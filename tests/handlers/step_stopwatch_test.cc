#include "handlers/step_stopwatch.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr duration up = 3h;  // of the worker
constexpr time_point noon = std::chrono::sys_days(std::chrono::January / 15 / 2026) + 12h;

TEST(step_stopwatch, counts_what_it_is_told_to) {
  step_stopwatch watch(up, noon);

  watch.count_to(up + 40s);

  EXPECT_EQ(watch.used(), 40s);
  EXPECT_EQ(watch.began(), up);
}

TEST(step_stopwatch, an_outage_does_not_count) {
  step_stopwatch watch(up, noon);
  watch.count_to(up + 40s);

  watch.stop_counting();
  watch.leave_out_until(up + 5min);
  watch.count_to(up + 5min + 1s);

  EXPECT_EQ(watch.used(), 41s);
}

TEST(step_stopwatch, what_came_before_the_proof_is_not_the_steps) {
  step_stopwatch watch(up, noon);

  watch.begin_anew(up + 30s);
  watch.count_to(up + 40s);

  EXPECT_EQ(watch.used(), 10s);
  EXPECT_EQ(watch.began(), up + 30s);
}

TEST(step_stopwatch, goes_on_from_what_an_earlier_hand_has_used) {
  step_stopwatch watch(up, noon);

  watch.go_on_after(40s);
  watch.count_to(up + 5s);

  EXPECT_EQ(watch.used(), 45s);
}

TEST(step_stopwatch, one_that_runs_goes_on_in_the_queue) {
  step_stopwatch watch(up, noon);
  watch.count_to(up + 40s);

  EXPECT_EQ(step_stopwatch::used_by(watch.text(), noon + 5min), 5min);
}

TEST(step_stopwatch, one_that_is_stopped_says_what_it_was_stopped_at) {
  step_stopwatch watch(up, noon);
  watch.count_to(up + 40s + 250ms);

  watch.stop_counting();

  EXPECT_EQ(step_stopwatch::used_by(watch.text(), noon + 5min), 40s + 250ms);
}

TEST(step_stopwatch, what_cannot_be_read_says_nothing) {
  EXPECT_EQ(step_stopwatch::used_by("ended", noon), std::nullopt);
  EXPECT_EQ(step_stopwatch::used_by("", noon), std::nullopt);
}

TEST(step_stopwatch, another_workers_clock_that_is_ahead_gives_no_time_back) {
  const step_stopwatch ahead(up, noon + 3s);

  EXPECT_EQ(step_stopwatch::used_by(ahead.text(), noon), 0s);
}

}  // namespace
}  // namespace lifehook::handlers
