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
  event spot;
  spot.kind = event_kind::spot_interruption;
  auto tagged = made("web-1", noon);
  tagged.tags = {{"Team", "web"}};

  const auto own = groups_of(service, {&service, 1}, spot, {tagged, made("web-2", noon), made("api-1", noon)});

  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own.front().name, "web-1");
}

TEST(current_group, a_group_that_an_earlier_service_matches_is_not_a_later_ones) {
  std::vector<group> configured(2);
  configured[0].name = "admin";
  configured[0].match = {"web-admin-*"};
  configured[0].hooks = {"drain"};
  configured[1].name = "web";
  configured[1].match = {"web-*"};
  configured[1].hooks = {"*"};
  const std::vector<aws::scaling_group> all{made("web-admin-1", noon), made("web-1", noon - 1h)};
  event end;
  end.hook = "drain";

  EXPECT_EQ(groups_of(configured[1], configured, end, all).size(), 1U);
  EXPECT_EQ(groups_of(configured[0], configured, end, all).front().name, "web-admin-1");
  end.hook = "another";
  EXPECT_EQ(groups_of(configured[1], configured, end, all).size(), 2U) << "the earlier one does not answer this hook";
}

TEST(current_group, turns_of_another_deployment_are_not_its_own) {
  auto turns = state::with_launch({}, "prd-1", noon - 3h);
  turns = state::with_launch(turns, "stg-1", noon - 2h);
  group service;
  service.match = {"prd-*"};

  const auto own = turns_of(service, turns);

  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own.front().scaling_group, "prd-1");
  service.match.clear();
  EXPECT_EQ(turns_of(service, turns).size(), 2U) << "matched by tags";
}

TEST(current_group, a_release_that_was_taken_back_leaves_the_turn_to_the_one_before) {
  auto turns = state::with_launch({}, "web-1", noon - 3h);
  turns = state::with_launch(turns, "web-2", noon - 2h);
  const std::vector<aws::scaling_group> left{made("web-1", noon - 9h)};

  EXPECT_EQ(current_at(without_deleted(turns, left, "web-1", noon), left, noon), "web-1");
  EXPECT_EQ(current_at(without_deleted(turns, left, "web-2", noon), left, noon), "web-2") << "its own instance ends";
  EXPECT_EQ(current_at(without_deleted(turns, left, "web-1", noon - 2h + 30s), left, noon), "web-2")
      << "it may not be listed yet";
}

}  // namespace
}  // namespace lifehook::handlers
