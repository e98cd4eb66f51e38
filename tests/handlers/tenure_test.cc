#include "handlers/tenure.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr time_point noon = std::chrono::sys_days(std::chrono::January / 15 / 2026) + 12h;

tenure::terms terms() { return {noon, noon, noon, noon + 10min, noon + 11h, true}; }

TEST(tenure, the_first_reason_given_wins_and_ends_the_work) {
  tenure keeps(terms());

  keeps.end(give_up::deadline);
  keeps.end(give_up::over);

  EXPECT_EQ(keeps.why(), give_up::deadline);
  EXPECT_TRUE(keeps.work().raised());
}

TEST(tenure, a_second_piece_of_work_begins_anew) {
  tenure keeps(terms());
  keeps.end(give_up::deadline);

  keeps.begin_again();

  EXPECT_EQ(keeps.why(), give_up::none);
  EXPECT_FALSE(keeps.work().raised());
}

TEST(tenure, a_stop_asked_for_after_another_reason_ends_the_second_piece_of_work_too) {
  tenure keeps(terms());
  keeps.end(give_up::deadline);
  keeps.end(give_up::stop);

  keeps.begin_again();

  EXPECT_EQ(keeps.why(), give_up::stop);
  EXPECT_TRUE(keeps.work().raised());
}

TEST(tenure, an_event_is_as_old_as_it_was_at_its_first_receive_and_all_the_time_since) {
  auto again = terms();
  again.first_received = noon - 40s;
  again.came_before = true;
  const tenure keeps(again);

  EXPECT_EQ(keeps.age_of(noon - 45s, noon + 10s), 55s);
}

TEST(tenure, our_clock_against_that_of_aws_makes_an_event_neither_older_nor_younger_than_its_first_receive) {
  auto ours_is_ahead = terms();
  ours_is_ahead.first_received = noon - 40s;
  auto ours_is_behind = terms();
  ours_is_behind.first_received = noon + 40s;
  ours_is_behind.came_before = true;

  EXPECT_EQ(tenure(ours_is_ahead).age_of(noon - 45s, noon + 10s), 15s);
  EXPECT_EQ(tenure(ours_is_behind).age_of(noon + 35s, noon + 10s), 15s);
}

TEST(tenure, an_event_from_the_future_is_as_old_as_it_has_been_here) {
  auto now = terms();
  now.first_received = noon;

  EXPECT_EQ(tenure(now).age_of(noon + 30s, noon + 10s), 10s);
}

TEST(tenure, requeues_by_choice_once_it_was_held_long_enough) {
  const tenure keeps(terms());

  EXPECT_FALSE(keeps.should_requeue(noon + 10min - 1s));
  EXPECT_TRUE(keeps.should_requeue(noon + 10min));
}

TEST(tenure, holds_what_may_not_be_requeued_until_the_receive_limit_is_near) {
  auto held = terms();
  held.may_requeue = false;
  const tenure keeps(held);

  EXPECT_FALSE(keeps.should_requeue(noon + 10h));
  EXPECT_TRUE(keeps.should_requeue(noon + 11h));
}

TEST(tenure, gives_back_for_no_longer_than_the_heartbeat_allows) {
  tenure longer(terms()), shorter(terms());
  longer.heed_timeout(60s);

  longer.requeue_for(20s);
  shorter.requeue_for(20s);

  EXPECT_EQ(longer.delay(), 15s);
  EXPECT_EQ(longer.why(), give_up::hold);
  EXPECT_EQ(shorter.delay(), 7s) << "a quarter of the shortest timeout, until the hook's own is known";
}

TEST(tenure, the_first_wait_that_gives_back_says_for_how_long) {
  auto with = terms();
  with.longest_delay = 12h;
  tenure keeps(with);

  keeps.requeue_for(10h);
  keeps.requeue_for(1min);

  EXPECT_EQ(keeps.delay(), 10h);
}

TEST(tenure, a_stop_gives_back_at_once) {
  tenure keeps(terms());
  keeps.requeue_for(5s);
  keeps.end(give_up::stop);

  keeps.begin_again();

  EXPECT_EQ(keeps.delay(), 0s);
}

}  // namespace
}  // namespace lifehook::handlers
