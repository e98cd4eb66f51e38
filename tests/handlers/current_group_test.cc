#include "handlers/current_group.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr time_point noon{std::chrono::sys_days{std::chrono::year(2026) / 3 / 2} + 12h};

aws::scaling_group made(std::string name, time_point created, int instances = 1) {
  aws::scaling_group group;
  group.name = std::move(name);
  group.created = created;
  for (int i = 0; i < instances; ++i) group.instances.push_back({"i-" + std::to_string(i), "InService"});
  return group;
}

TEST(current_group, with_nothing_recorded_the_newest_created_one_is_it) {
  EXPECT_EQ(current_at({}, {made("web-1", noon - 2h), made("web-2", noon - 1h, 0)}, noon), "web-2");
  EXPECT_EQ(current_at({}, {}, noon), "");
}

TEST(current_group, the_one_that_launched_last_is_it_whatever_was_created_when) {
  const auto turns = state::with_launch(state::with_launch({}, "web-2", noon - 2h), "web-1", noon - 1h);

  EXPECT_EQ(current_at(turns, {made("web-1", noon - 9h), made("web-2", noon - 3h)}, noon), "web-1");
}

TEST(current_group, an_event_is_judged_by_who_was_current_when_it_happened) {
  const auto turns = state::with_launch(state::with_launch({}, "web-1", noon - 2h), "web-2", noon);

  EXPECT_EQ(current_at(turns, {}, noon - 1min), "web-1") << "the release came a minute after the instance's end";
  EXPECT_EQ(current_at(turns, {}, noon + 1min), "web-2");
}

TEST(current_group, a_newer_group_whose_launch_was_not_told_yet_counts_once_it_has_instances) {
  const auto turns = state::with_launch({}, "web-1", noon - 2h);

  EXPECT_EQ(current_at(turns, {made("web-1", noon - 3h), made("web-2", noon - 1min, 1)}, noon), "web-2");
  EXPECT_EQ(current_at(turns, {made("web-1", noon - 3h), made("web-2", noon - 1min, 0)}, noon), "web-1");
}

TEST(current_group, a_group_created_after_the_event_says_nothing_about_it) {
  const auto turns = state::with_launch({}, "web-1", noon - 2h);

  EXPECT_EQ(current_at(turns, {made("web-2", noon + 1s)}, noon), "web-1");
}

TEST(current_group, a_rollback_stays_current_beside_the_newer_group_it_left) {
  auto turns = state::with_launch({}, "web-1", noon - 3h);
  turns = state::with_launch(turns, "web-2", noon - 2h);
  turns = state::with_launch(turns, "web-1", noon - 1h);

  EXPECT_EQ(current_at(turns, {made("web-1", noon - 4h), made("web-2", noon - 2h - 5min)}, noon), "web-1");
}

TEST(current_group, only_groups_the_service_speaks_for_are_its_own) {
  group service;
  service.match = {"web-*"};
  service.match_tags = {{"Team", "web"}};
  auto tagged = made("web-1", noon);
  tagged.tags = {{"Team", "web"}};

  const auto own = groups_of(service, {tagged, made("web-2", noon), made("api-1", noon)});

  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own.front().name, "web-1");
}

}  // namespace
}  // namespace lifehook::handlers
