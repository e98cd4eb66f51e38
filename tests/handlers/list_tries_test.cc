#include "handlers/list_tries.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

TEST(list_tries, what_stood_in_a_steps_way_names_the_outcome_of_running_out_of_time) {
  list_tries list;
  EXPECT_EQ(list.if_too_late(), outcome::timeout);

  list.cut_short(outcome::max_100);

  EXPECT_EQ(list.if_too_late(), outcome::max_100);
}

TEST(list_tries, the_first_step_with_a_reason_names_the_outcome) {
  list_tries list;

  list.cut_short(outcome::timeout);
  list.cut_short(outcome::no_capacity);
  list.cut_short(outcome::max_100);

  EXPECT_EQ(list.if_too_late(), outcome::no_capacity);
}

TEST(list_tries, a_raise_says_what_is_to_serve_for_as_long_as_lists_may_lag_behind_it) {
  list_tries list;
  EXPECT_EQ(list.least_in_service(list_lag), 0);

  list.note_raise(3, list_lag);

  EXPECT_EQ(list.least_in_service(2 * list_lag - duration(1)), 3);
  EXPECT_EQ(list.least_in_service(2 * list_lag), 0);
}

TEST(list_tries, the_first_step_that_failed_in_this_try_is_what_one_behind_it_can_tell) {
  list_tries list;
  list.begin();
  EXPECT_FALSE(list.first_failure());

  list.note_failure({"drain_ecs", outcome::max_100});
  list.note_failure({"wait", outcome::timeout});
  EXPECT_EQ(list.first_failure()->step, "drain_ecs");
  EXPECT_EQ(list.first_failure()->how, outcome::max_100);

  list.begin();
  EXPECT_FALSE(list.first_failure());
}

TEST(list_tries, another_try_begins_without_what_the_one_before_left) {
  list_tries list;
  list.begin();
  EXPECT_TRUE(list.is_first_try());
  list.cut_short(outcome::no_capacity);
  list.try_again();

  list.begin();

  EXPECT_EQ(list.if_too_late(), outcome::timeout);
  EXPECT_FALSE(list.is_worth_another_try());
  EXPECT_FALSE(list.is_first_try());
}

TEST(list_tries, the_last_word_on_a_steps_time_counts) {
  list_tries list;
  list.leave_time({"key", "then"});
  list.leave_time({"other", "then"});
  list.leave_time({"key", "now"});

  const auto times = list.take_times();

  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[0].key, "other");
  EXPECT_EQ(times[1].text, "now");
}

TEST(list_tries, times_that_end_are_noted_as_ended) {
  list_tries list;
  list.leave_time({"key", "then"});

  list.end_times();

  EXPECT_EQ(list.take_times().front().text, time_note::ended);
}

TEST(list_tries, times_are_taken_once) {
  list_tries list;
  list.leave_time({"key", "text"});

  EXPECT_EQ(list.take_times().size(), 1U);
  EXPECT_TRUE(list.take_times().empty());
}

}  // namespace
}  // namespace lifehook::handlers
