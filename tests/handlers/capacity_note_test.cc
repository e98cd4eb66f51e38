#include "handlers/capacity_note.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

TEST(capacity_note, a_stage_is_read_back_as_it_was_written) {
  using enum capacity_stage;
  for (const auto stage : {raised, ending, restored}) EXPECT_EQ(read_capacity_stage(to_text(stage)), stage);
}

TEST(capacity_note, a_change_is_read_back_as_it_was_written) {
  for (const auto& change : {capacity_change{"i-0a", 4, 5}, capacity_change{"i-0b", 1, 0}})
    EXPECT_EQ(read_capacity_change(to_text(change)), change) << to_text(change);
}

TEST(capacity_note, what_is_not_ours_is_none) {
  for (const auto* text : {"", "raised ", "raised 5", "lifted", " raised"})
    EXPECT_EQ(read_capacity_stage(text), std::nullopt) << text;
  for (const auto* text : {"", "settled", "i-0a", "i-0a 4", "i-0a 4 ", "i-0a 4 x", " 4 5", "i-0a 4 5 6", "i-0a  4 5"})
    EXPECT_EQ(read_capacity_change(text), std::nullopt) << text;
}

TEST(capacity_note, a_raise_took_effect_where_desired_is_at_least_what_it_was_to_be) {
  const capacity_change raise{"i-0a", 4, 5};

  EXPECT_FALSE(has_taken_effect(raise, 3));
  EXPECT_FALSE(has_taken_effect(raise, 4));
  EXPECT_TRUE(has_taken_effect(raise, 5));
  EXPECT_TRUE(has_taken_effect(raise, 7));
}

TEST(capacity_note, a_lowering_is_made_again_only_where_desired_is_as_it_was) {
  const capacity_change lowering{"i-0a", 5, 4};

  EXPECT_TRUE(has_taken_effect(lowering, 3));
  EXPECT_TRUE(has_taken_effect(lowering, 4));
  EXPECT_FALSE(has_taken_effect(lowering, 5));
  EXPECT_TRUE(has_taken_effect(lowering, 6));
}

TEST(capacity_note, a_raise_that_auto_scaling_does_not_show_yet_is_counted_on_for_a_minute) {
  const settled_raise last{4, 5, time_point(std::chrono::hours(1))};

  EXPECT_EQ(read_settled_raise(to_text(last)), last);
  EXPECT_EQ(read_capacity_change(to_text(last)), std::nullopt) << "none is on its way";
  EXPECT_EQ(desired_after(last, 4, last.when + std::chrono::seconds(59)), 5);
  EXPECT_EQ(desired_after(last, 4, last.when + std::chrono::seconds(60)), 4);
  EXPECT_EQ(desired_after(last, 3, last.when), 3) << "others have lowered it";
  EXPECT_EQ(desired_after(last, 6, last.when), 6);
  EXPECT_EQ(desired_after(last, 4, last.when - std::chrono::minutes(30)), 4) << "noted by a clock that is ahead";
  EXPECT_EQ(desired_after(std::nullopt, 4, last.when), 4);
  for (const auto* text : {"", "settled", "settled 4 5", "settled 4 5 soon", "i-0a 4 5"})
    EXPECT_EQ(read_settled_raise(text), std::nullopt) << text;
}

TEST(capacity_note, raises_that_follow_each_other_closely_are_counted_on_together) {
  const settled_raise first{4, 5, time_point(std::chrono::hours(1))};
  const auto soon = first.when + std::chrono::seconds(59);
  const capacity_change next{"i-0b", 5, 6};

  EXPECT_EQ(raised_by(next, first, soon), (settled_raise{4, 6, soon}));
  EXPECT_EQ(raised_by(next, first, first.when + std::chrono::minutes(1)).from, 5);
  EXPECT_EQ(raised_by({"i-0b", 7, 8}, first, soon).from, 7) << "others have raised it in between";
  EXPECT_EQ(raised_by(next, std::nullopt, soon).from, 5);
  for (const auto shown : {4, 5, 6}) EXPECT_EQ(desired_after(raised_by(next, first, soon), shown, soon), 6) << shown;
}

}  // namespace
}  // namespace lifehook::handlers
