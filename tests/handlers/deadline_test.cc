#include "handlers/deadline.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr time_point noon = std::chrono::sys_days(std::chrono::January / 15 / 2026) + 12h;

deadline_facts terminating() { return {event_kind::terminating, noon, noon + 1s, noon + 5s, 1h, std::nullopt}; }

TEST(deadline, is_ten_seconds_before_the_groups_time_counted_from_the_first_receive) {
  EXPECT_EQ(deadline_of(terminating()), noon + 5s + 1h - 10s);
}

TEST(deadline, leaves_a_tenth_as_margin_when_that_is_less_than_ten_seconds) {
  auto facts = terminating();
  facts.group_deadline = 60s;

  EXPECT_EQ(deadline_of(facts), noon + 5s + 54s);
}

TEST(deadline, is_the_hooks_global_timeout_when_that_ends_sooner) {
  auto facts = terminating();
  facts.global_timeout = 50min;

  EXPECT_EQ(deadline_of(facts), noon + 50min - 10s);
}

TEST(deadline, stays_the_groups_when_the_global_timeout_ends_later) {
  auto facts = terminating();
  facts.global_timeout = 48h;

  EXPECT_EQ(deadline_of(facts), noon + 5s + 1h - 10s);
}

TEST(deadline, counts_the_global_timeout_from_sending_when_the_event_names_no_time) {
  auto facts = terminating();
  facts.event_time.reset();
  facts.global_timeout = 50min;

  EXPECT_EQ(deadline_of(facts), noon + 1s + 50min - 10s);
}

TEST(deadline, is_the_interruption_window_counted_from_the_event) {
  for (const auto kind : {event_kind::spot_interruption, event_kind::capacity_reservation_interruption}) {
    auto facts = terminating();
    facts.kind = kind;

    EXPECT_EQ(deadline_of(facts), noon + 110s) << name(kind);
  }
}

TEST(deadline, a_task_that_is_interrupted_has_the_groups_time_since_it_can_only_run_again_once_it_has_stopped) {
  auto facts = terminating();
  facts.kind = event_kind::task_interruption;

  EXPECT_GT(deadline_of(facts), noon + 110s);
}

TEST(deadline, counts_the_interruption_window_from_sending_when_the_event_names_no_time) {
  auto facts = terminating();
  facts.kind = event_kind::spot_interruption;
  facts.event_time.reset();

  EXPECT_EQ(deadline_of(facts), noon + 1s + 110s);
}

TEST(deadline, of_an_interruption_is_the_groups_when_that_is_shorter) {
  auto facts = terminating();
  facts.kind = event_kind::spot_interruption;
  facts.group_deadline = 60s;

  EXPECT_EQ(deadline_of(facts), noon + 5s + 54s);
}

TEST(deadline, has_a_window_for_interruptions_only) {
  for (const auto kind : {event_kind::launching, event_kind::terminating, event_kind::rebalance_recommendation,
                          event_kind::state_change, event_kind::scheduled_change, event_kind::task_stopped})
    EXPECT_EQ(interruption_window(kind), std::nullopt) << name(kind);
}

TEST(deadline, gives_the_queue_at_most_a_quarter_of_the_heartbeat_timeout) { EXPECT_EQ(quarter(60s), 15s); }

TEST(longest_off, ends_before_sqs_shows_the_message_again_and_is_never_less_than_nothing) {
  EXPECT_EQ(longest_off(noon + 11h + 50min, noon), 11h);
  EXPECT_EQ(longest_off(noon + 11h + 50min, noon + 5h), 6h + 50min);
  EXPECT_EQ(longest_off(noon + 11h + 50min, noon + 11h + 55min), 0s);
}

}  // namespace
}  // namespace lifehook::handlers
