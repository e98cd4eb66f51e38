#include "state/history.h"

#include "base/backoff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lifehook::state {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct launch {
  std::string group;
  duration at;
};

time_point at(duration since_start) {
  return time_point(std::chrono::sys_days(std::chrono::January / 15 / 2026)) + since_start;
}

history told(const std::vector<launch>& launches, history of = {}) {
  for (const auto& each : launches) of = with_launch(std::move(of), each.group, at(each.at));
  return of;
}

turn turn_of(std::string group, duration since, duration newest) { return {std::move(group), at(since), at(newest)}; }

std::string current_at(const history& of, duration when) {
  const auto* const found = turn_at(of, at(when));
  return found == nullptr ? "nobody" : found->scaling_group;
}

// Who began a turn when.
std::vector<std::pair<std::string, time_point>> begun(const history& of) {
  std::vector<std::pair<std::string, time_point>> turns;
  for (const auto& each : of) turns.emplace_back(each.scaling_group, each.since);
  return turns;
}

// Whose turn it was if nothing were ever forgotten: the group of the newest launch until then.
std::string truly_current_at(std::vector<launch> launches, duration when) {
  std::sort(launches.begin(), launches.end(),
            [](const auto& a, const auto& b) { return std::tie(a.at, a.group) < std::tie(b.at, b.group); });
  std::string current = "nobody";
  for (const auto& each : launches)
    if (each.at <= when) current = each.group;
  return current;
}

TEST(history, the_first_launch_begins_the_first_turn) {
  EXPECT_THAT(told({{"v1", 1min}}), ElementsAre(turn_of("v1", 1min, 1min)));
}

TEST(history, a_groups_further_launches_prolong_its_turn) {
  EXPECT_THAT(told({{"v1", 1min}, {"v1", 2min}, {"v1", 5min}}), ElementsAre(turn_of("v1", 1min, 5min)));
}

TEST(history, a_release_makes_the_new_group_current) {
  const auto turns = told({{"v1", 1min}, {"v2", 2min}});

  EXPECT_THAT(turns, ElementsAre(turn_of("v2", 2min, 2min), turn_of("v1", 1min, 1min)));
}

TEST(history, a_rollback_gives_the_older_group_another_turn) {
  const auto turns = told({{"v1", 1min}, {"v2", 2min}, {"v1", 3min}});

  EXPECT_THAT(turns, ElementsAre(turn_of("v1", 3min, 3min), turn_of("v2", 2min, 2min), turn_of("v1", 1min, 1min)));
}

TEST(history, an_older_launch_told_late_does_not_make_its_group_current) {
  const auto turns = told({{"v2", 5min}, {"v1", 4min}});

  EXPECT_EQ(turns.front(), turn_of("v2", 5min, 5min));
}

TEST(history, the_launch_that_began_a_turn_may_be_told_late) {
  EXPECT_THAT(told({{"v1", 1min}, {"v2", 5min}, {"v2", 4min}}),
              ElementsAre(turn_of("v2", 4min, 5min), turn_of("v1", 1min, 1min)));
}

TEST(history, of_two_releases_in_quick_succession_both_are_known_in_whatever_order_they_are_told) {
  const auto in_order = told({{"v1", 1min}, {"v2", 2min}, {"v3", 2min + 1s}});

  EXPECT_EQ(told({{"v3", 2min + 1s}, {"v2", 2min}, {"v1", 1min}}), in_order);
  EXPECT_EQ(told({{"v1", 1min}, {"v3", 2min + 1s}, {"v2", 2min}}), in_order);
  EXPECT_EQ(told({{"v2", 2min}, {"v3", 2min + 1s}, {"v1", 1min}}), in_order);
}

TEST(history, a_launch_told_late_splits_the_turn_it_falls_into) {
  const auto turns = told({{"v1", 1min}, {"v1", 9min}, {"v2", 5min}});

  EXPECT_THAT(turns, ElementsAre(turn_of("v1", 9min, 9min), turn_of("v2", 5min, 5min), turn_of("v1", 1min, 1min)));
}

TEST(history, a_launch_of_the_older_group_in_its_own_time_changes_no_other_turn) {
  const auto before = told({{"v1", 1min}, {"v1", 3min}, {"v2", 5min}});

  EXPECT_EQ(told({{"v1", 2min}}, before), before);
  EXPECT_THAT(told({{"v1", 4min}}, before), ElementsAre(turn_of("v2", 5min, 5min), turn_of("v1", 1min, 4min)));
}

TEST(history, the_same_launch_told_twice_changes_nothing) {
  const std::vector<launch> launches{{"v1", 1min}, {"v2", 5min}, {"v1", 3min},
                                     {"v3", 4min}, {"v2", 9min}, {"v2", 7min}};
  history turns;

  for (const auto& each : launches) {
    turns = told({each}, turns);
    EXPECT_EQ(told({each}, turns), turns) << each.group;
  }
  EXPECT_EQ(told(launches, turns), turns);
}

TEST(history, of_two_groups_at_the_same_time_all_agree_on_one) {
  EXPECT_EQ(told({{"v1", 1min}, {"v2", 1min}}), told({{"v2", 1min}, {"v1", 1min}}));
  EXPECT_EQ(current_at(told({{"v2", 1min}, {"v1", 1min}}), 1min), "v2");
}

TEST(history, a_time_inside_an_older_turn_is_that_groups) {
  const auto turns = told({{"v1", 1min}, {"v2", 10min}, {"v2", 20min}, {"v3", 30min}});

  EXPECT_EQ(current_at(turns, 59s), "nobody");
  EXPECT_EQ(current_at(turns, 1min), "v1");
  EXPECT_EQ(current_at(turns, 9min + 59s), "v1");
  EXPECT_EQ(current_at(turns, 10min), "v2");
  EXPECT_EQ(current_at(turns, 25min), "v2");
  EXPECT_EQ(current_at(turns, 30min), "v3");
  EXPECT_EQ(current_at(turns, 240h), "v3");
  EXPECT_EQ(current_at({}, 1min), "nobody");
}

TEST(history, keeps_the_eight_last_turns_and_nothing_older) {
  history turns;

  for (int minute = 1; minute <= 20; ++minute) turns = told({{"v" + std::to_string(minute), minute * 1min}}, turns);

  ASSERT_EQ(turns.size(), longest_history);
  EXPECT_EQ(turns.front(), turn_of("v20", 20min, 20min));
  EXPECT_EQ(turns.back(), turn_of("v13", 13min, 13min));
  EXPECT_EQ(told({{"v2", 2min}}, turns), turns);
}

// Two releases, the first of which overlaps with the group it replaces, told in every order there is.
TEST(history, is_the_same_whatever_order_the_launches_are_told_in) {
  std::vector<launch> launches{{"v1", 1min}, {"v1", 2min}, {"v2", 3min}, {"v1", 4min}, {"v2", 5min}, {"v3", 6min}};
  const auto in_order = told(launches);
  ASSERT_EQ(in_order.size(), 5U);
  for (auto when = 0min; when < 9min; ++when) ASSERT_EQ(current_at(in_order, when), truly_current_at(launches, when));
  std::vector<std::size_t> places{0, 1, 2, 3, 4, 5};

  while (std::next_permutation(places.begin(), places.end())) {
    history turns;
    for (const auto place : places) turns = told({launches[place]}, turns);
    ASSERT_EQ(begun(turns), begun(in_order)) << testing::PrintToString(places);
    ASSERT_EQ(turns.front(), in_order.front());
  }
}

// Of many launches a turn's middle is forgotten, so a late one may leave its end unsharp; who is current now never is.
TEST(history, the_current_turn_is_right_after_any_launches_in_any_order) {
  random_source random{7};
  for (int round = 0; round < 100; ++round) {
    std::vector<launch> launches;
    history turns;
    while (launches.size() < 30) {
      launches.push_back({"v" + std::to_string(random() % 4), static_cast<long>(random() % 50) * 1s});
      turns = told({launches.back()}, turns);
      ASSERT_EQ(current_at(turns, 1h), truly_current_at(launches, 1h)) << round;
      ASSERT_LE(turns.size(), longest_history);
      ASSERT_EQ(told({launches.back()}, turns), turns) << round;
    }
    for (std::size_t i = 1; i < turns.size(); ++i) {
      ASSERT_NE(turns[i - 1].scaling_group, turns[i].scaling_group) << round;
      ASSERT_GE(turns[i - 1].since, turns[i].newest) << round;
    }
  }
}

TEST(history, is_read_back_as_it_was_written) {
  const auto turns = told({{"v1 \"quoted\" \u00e9", 1min}, {"v2", 2min}, {"v2", 3min}});

  EXPECT_EQ(read_history(to_text(turns)).value(), turns);
  EXPECT_TRUE(read_history(to_text({})).value().empty());
}

TEST(history, what_is_not_a_history_is_malformed) {
  for (const auto* const text :
       {"", "{}", "null", "[1]", "[{}]", R"([{"group":"v1","since":1}])", R"([{"group":1,"since":1,"newest":1}])",
        R"([{"group":"v1","since":"1","newest":1}])", R"([{"group":"v1","since":1.5,"newest":1}])",
        R"([{"group":"v1","since":1,"newest":1}] x)"}) {
    const auto read = read_history(text);
    ASSERT_TRUE(read.has_error()) << text;
    EXPECT_EQ(read.error().code(), errc::malformed) << text;
  }
}

}  // namespace
}  // namespace lifehook::state
