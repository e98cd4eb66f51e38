#include "handlers/instance_catalog.h"

#include "tests/handlers/step_stage.h"

#include <gtest/gtest.h>

#include <set>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

using found_instance = result<std::optional<aws::scaling_instance>>;

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

task<> keep(instance_catalog& in, std::string id, std::map<std::string, found_instance>& answers) {
  auto answer = co_await in.instance(id);
  answers.emplace(std::move(id), std::move(answer));
}

TEST(instance_catalog, many_who_ask_at_once_share_calls_of_fifty_and_each_gets_its_own_answer) {
  fleet_stage fleet;
  fleet.furnish(130);
  auto ids = fleet.world.autoscaling().instances("web-fleet");
  ids.push_back("i-0000000000000dead");
  fleet.wire.latency = 200ms;
  std::map<std::string, found_instance> answers;

  for (const auto& id : ids) fleet.time.tasks.spawn(keep(fleet.instances, id, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 131U);
  for (const auto& [id, answer] : answers) {
    ASSERT_TRUE(answer.has_value()) << id;
    if (id == "i-0000000000000dead")
      EXPECT_EQ(*answer, std::nullopt);
    else
      EXPECT_EQ((*answer)->id, id);
  }
  const auto calls = fleet.wire.of("DescribeAutoScalingInstances");
  EXPECT_LE(calls.size(), 4U);
  for (const auto& each : calls) EXPECT_LE(occurrences(each.body, "InstanceIds.member."), 50U);
}

task<> ask_in_haste(instance_catalog& in, std::string id) { co_await in.group_of(std::move(id), aws::haste::hurried); }

TEST(instance_catalog, a_flood_in_haste_leaves_others_a_tenth_of_the_calls_and_those_are_full) {
  fleet_stage fleet;
  fleet.furnish();
  fleet.wire.instead = [](const seen_call& call) {
    const bool is_of_flood = call.body.find("i-hurried") != std::string::npos;
    return is_of_flood ? std::optional(throttled_call()) : std::nullopt;
  };
  for (int i = 0; i < 20'000; ++i) fleet.time.tasks.spawn(ask_in_haste(fleet.instances, fmt::format("i-hurried{}", i)));
  fleet.time.run_for(1s);
  fleet.wire.calls.clear();
  std::map<std::string, found_instance> answers;

  for (int i = 0; i < 501; ++i) fleet.time.tasks.spawn(keep(fleet.instances, fmt::format("i-usual{}", i), answers));
  fleet.time.run_for(1min);

  EXPECT_EQ(answers.size(), 501U);
  const auto calls = fleet.wire.of("DescribeAutoScalingInstances");
  const auto others = std::count_if(calls.begin(), calls.end(),
                                    [](const auto& each) { return each.body.find("i-usual") != std::string::npos; });
  EXPECT_EQ(others, 11) << "the first is alone, the others carry fifty";
  EXPECT_GE(calls.size(), 60U) << "the flood goes on meanwhile";
  fleet.time.run_for(1h);
}

TEST(instance_catalog, an_instances_state_is_never_cached) {
  fleet_stage fleet;
  fleet.furnish();
  const auto id = fleet.an_instance();
  ASSERT_EQ(fleet.time.wait_for(fleet.instances.instance(id)).value()->lifecycle_state, "InService");

  fleet.world.autoscaling().terminate(id, true);

  EXPECT_EQ(fleet.time.wait_for(fleet.instances.instance(id)).value()->lifecycle_state, "Terminating:Wait");
}

std::optional<std::string> group_of(fleet_stage& fleet, const std::string& id) {
  return fleet.time.wait_for(fleet.instances.group_of(id, aws::haste::usual)).value();
}

TEST(instance_catalog, whose_a_member_is_follows_for_a_minute_from_its_groups_listing) {
  fleet_stage fleet;
  fleet.furnish();
  const auto id = fleet.an_instance();
  fleet.time.wait_for(fleet.instances.profile("web-fleet")).value();

  EXPECT_EQ(group_of(fleet, id), "web-fleet");
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 0U);

  fleet.time.run_for(61s);
  EXPECT_EQ(group_of(fleet, id), "web-fleet");
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 1U);
}

TEST(instance_catalog, of_whom_the_latest_listing_does_not_name_is_asked) {
  step_stage fleet;
  fleet.furnish();
  const auto id = fleet.an_instance();
  fleet.time.wait_for(fleet.instances.profile("web-fleet")).value();
  fleet.time.run_for(10s);
  fleet.change(aws::services::autoscaling, "DetachInstances",
               {{"AutoScalingGroupName", "web-fleet"},
                {"InstanceIds.member.1", id},
                {"ShouldDecrementDesiredCapacity", "true"}});
  fleet.time.run_for(25s);
  fleet.time.wait_for(fleet.instances.fresh_profile("web-fleet")).value();

  EXPECT_EQ(group_of(fleet, id), std::nullopt);
}

TEST(instance_catalog, an_instance_of_no_group_has_none) {
  fleet_stage fleet;
  fleet.furnish();

  EXPECT_EQ(group_of(fleet, "i-0000000000000dead"), std::nullopt);
}

TEST(instance_catalog, the_same_instance_asked_for_twice_at_once_is_answered_twice) {
  fleet_stage fleet;
  fleet.furnish();
  fleet.wire.latency = 200ms;
  const auto id = fleet.an_instance();
  std::map<std::string, found_instance> first, second, third;

  fleet.time.tasks.spawn(keep(fleet.instances, "i-0000000000000dead", first));
  fleet.time.tasks.spawn(keep(fleet.instances, id, second));
  fleet.time.tasks.spawn(keep(fleet.instances, id, third));
  fleet.time.run_for(5s);

  EXPECT_TRUE(second.at(id).value().has_value());
  EXPECT_TRUE(third.at(id).value().has_value());
  EXPECT_EQ(occurrences(fleet.wire.calls.back().body, "InstanceIds.member."), 1U);
}

TEST(instance_catalog, tags_of_a_group_are_kept_for_five_minutes) {
  fleet_stage fleet;
  fleet.furnish();
  const auto ask = [&fleet] { return fleet.time.wait_for(fleet.instances.profile("web-fleet")); };

  EXPECT_EQ(ask().value().tags.at("Team"), "web");
  fleet.time.run_for(5min - 1s);
  ask();
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups"), 1U);

  fleet.time.run_for(1s);
  ask();
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups"), 2U);
}

TEST(instance_catalog, who_must_not_miss_a_target_group_gets_a_profile_of_thirty_seconds_at_most) {
  fleet_stage fleet;
  fleet.furnish();
  const auto ask = [&fleet] { return fleet.time.wait_for(fleet.instances.fresh_profile("web-fleet")).value(); };

  ask();
  fleet.time.run_for(30s - 1ms);
  ask();
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups"), 1U);

  fleet.time.run_for(1ms);
  ask();
  fleet.time.wait_for(fleet.instances.profile("web-fleet")).value();
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups"), 2U);
}

task<> ask_for(instance_catalog& in, std::string group, std::size_t& answered) {
  if (const auto found = co_await in.fresh_profile(std::move(group)); found.has_value()) ++answered;
}

TEST(instance_catalog, a_flood_of_questions_about_few_groups_is_a_few_calls) {
  fleet_stage fleet;
  fleet.furnish();
  fleet.wire.latency = 20ms;
  std::size_t answered = 0;

  for (int i = 0; i < 500; ++i)
    for (const auto* group : {"web-fleet", "gone-fleet"})
      fleet.time.tasks.spawn(ask_for(fleet.instances, group, answered));
  fleet.time.run_for(5s);

  EXPECT_EQ(answered, 1000U);
  EXPECT_LE(fleet.wire.count("DescribeAutoScalingGroups"), 2U);
}

task<> ask_for_group(instance_catalog& in, std::string name, std::vector<shared_group>& answers) {
  answers.push_back((co_await in.group(std::move(name))).value());
}

TEST(instance_catalog, who_ask_for_a_group_at_once_share_what_is_told_of_it) {
  fleet_stage fleet;
  fleet.furnish(30);
  fleet.wire.latency = 20ms;
  std::vector<shared_group> first, answers;

  fleet.time.tasks.spawn(ask_for_group(fleet.instances, "gone-fleet", first));
  for (int i = 0; i < 500; ++i) fleet.time.tasks.spawn(ask_for_group(fleet.instances, "web-fleet", answers));
  fleet.time.run_for(5s);

  EXPECT_EQ(first.at(0), nullptr);
  ASSERT_EQ(answers.size(), 500U);
  EXPECT_EQ(answers.front()->instances.size(), 30U);
  EXPECT_EQ(std::count(answers.begin(), answers.end(), answers.front()), 500);
}

TEST(instance_catalog, no_call_asks_for_more_than_fifty_groups) {
  fleet_stage fleet;
  fleet.furnish();
  fleet.wire.latency = 20ms;
  std::size_t answered = 0;

  for (int i = 0; i < 120; ++i) fleet.time.tasks.spawn(ask_for(fleet.instances, fmt::format("gone-{}", i), answered));
  fleet.time.run_for(5s);

  EXPECT_EQ(answered, 120U);
  for (const auto& each : fleet.wire.of("DescribeAutoScalingGroups"))
    EXPECT_LE(occurrences(each.body, "AutoScalingGroupNames.member."), 50U);
}

// AWS's answer is larger than any that is read where it tells of a group of this name among more than `most`.
void make_too_large(fleet_stage& fleet, const std::string& group, std::size_t most) {
  fleet.wire.instead = [group, most](const seen_call& call) -> std::optional<aws::http_response> {
    const bool has_it = call.body.find(group) != std::string::npos;
    if (!has_it || occurrences(call.body, "AutoScalingGroupNames.member.") <= most) return std::nullopt;
    return too_large_answer();
  };
}

task<> keep_group(instance_catalog& in, std::string name, std::map<std::string, result<shared_group>>& answers) {
  auto answer = co_await in.group(name);
  answers.emplace(std::move(name), std::move(answer));
}

std::map<std::string, result<shared_group>> groups_asked_for_at_once(fleet_stage& fleet, int count) {
  fleet.wire.latency = 20ms;
  std::map<std::string, result<shared_group>> answers;
  for (int i = 0; i < count; ++i)
    fleet.time.tasks.spawn(keep_group(fleet.instances, fmt::format("gone-{}", i), answers));
  fleet.time.tasks.spawn(keep_group(fleet.instances, "web-fleet", answers));
  fleet.time.run_for(2min);
  EXPECT_EQ(answers.size(), static_cast<std::size_t>(count) + 1);
  return answers;
}

std::ptrdiff_t failed(const std::map<std::string, result<shared_group>>& answers) {
  return std::count_if(answers.begin(), answers.end(), [](const auto& each) { return each.second.has_error(); });
}

TEST(instance_catalog, groups_whose_answer_is_too_large_are_asked_for_a_few_at_once_and_then_alone) {
  for (const std::size_t most : {5U, 1U}) {
    fleet_stage fleet;
    fleet.furnish();
    make_too_large(fleet, "web-fleet", most);

    const auto answers = groups_asked_for_at_once(fleet, 60);

    EXPECT_EQ(failed(answers), 0) << most;
    EXPECT_EQ(answers.at("web-fleet").value()->name, "web-fleet");
    EXPECT_EQ(answers.at("gone-1").value(), nullptr);
  }
}

TEST(instance_catalog, a_group_that_is_too_large_alone_fails_no_other) {
  fleet_stage fleet;
  fleet.furnish();
  make_too_large(fleet, "web-fleet", 0);

  const auto answers = groups_asked_for_at_once(fleet, 60);

  EXPECT_EQ(failed(answers), 1);
  EXPECT_EQ(answers.at("web-fleet").error().code(), errc::too_large);
}

TEST(instance_catalog, groups_that_were_too_large_together_are_asked_for_a_few_at_once_the_next_time) {
  fleet_stage fleet;
  fleet.furnish();
  make_too_large(fleet, "web-fleet", 5);
  groups_asked_for_at_once(fleet, 60);
  const auto before = fleet.wire.count("DescribeAutoScalingGroups");

  EXPECT_EQ(failed(groups_asked_for_at_once(fleet, 9)), 0);

  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups") - before, 3U) << "the first, alone, and twice five";
}

TEST(instance_catalog, an_outage_is_not_asked_about_group_by_group) {
  fleet_stage fleet;
  fleet.furnish();
  fleet.wire.instead = [](const seen_call&) { return aws::http_response{503, {}, "as good as no answer"}; };

  const auto answers = groups_asked_for_at_once(fleet, 60);

  EXPECT_EQ(failed(answers), 61);
  std::set<std::string> asked;
  for (const auto& each : fleet.wire.of("DescribeAutoScalingGroups")) asked.insert(each.body);
  EXPECT_EQ(asked.size(), 2U) << "the first, which was alone, and fifty of the others";
}

TEST(instance_catalog, that_a_group_is_unknown_is_kept_for_five_seconds) {
  fleet_stage fleet;
  fleet.furnish();
  const auto ask = [&fleet] { return fleet.time.wait_for(fleet.instances.profile("web-next")).value(); };

  ask();
  fleet.world.autoscaling().create_group({.name = "web-next", .tags = {{"Team", "web"}}});
  fleet.time.run_for(4s);
  EXPECT_TRUE(ask().tags.empty());
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups"), 1U);

  fleet.time.run_for(1s);
  EXPECT_EQ(ask().tags.at("Team"), "web");
}

TEST(instance_catalog, nothing_is_kept_for_longer_because_the_clock_is_set_back) {
  fleet_stage fleet;
  (void)fleet.time.wait_for(fleet.instances.profile("web-fleet"));
  (void)fleet.time.wait_for(fleet.instances.all_groups());

  fleet.time.clock.set(fleet.time.clock.now() - 1h);
  fleet.furnish();
  fleet.time.run_for(10s);

  EXPECT_TRUE(fleet.time.wait_for(fleet.instances.profile("web-fleet")).value().is_known);
  EXPECT_EQ(fleet.time.wait_for(fleet.instances.all_groups()).value()->size(), 1U);
}

task<> keep_listing(instance_catalog& in, std::vector<group_listing>& answers) {
  auto answer = co_await in.all_groups();
  answers.push_back(answer.value());
}

TEST(instance_catalog, all_who_ask_for_the_listing_of_all_groups_share_one) {
  fleet_stage fleet;
  fleet.furnish();
  fleet.wire.latency = 20ms;
  std::vector<group_listing> answers;

  for (int i = 0; i < 3; ++i) {
    fleet.time.tasks.spawn(keep_listing(fleet.instances, answers));
    fleet.time.run_for(5ms);
  }
  fleet.time.run_for(1s);
  fleet.time.tasks.spawn(keep_listing(fleet.instances, answers));
  fleet.time.run_for(1s);

  ASSERT_EQ(answers.size(), 4U);
  for (const auto& each : answers) EXPECT_EQ(each, answers.front());
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingGroups"), 1U);
}

TEST(instance_catalog, a_group_that_does_not_exist_has_no_tags) {
  fleet_stage fleet;
  fleet.furnish();

  const auto found = fleet.time.wait_for(fleet.instances.profile("gone-fleet"));

  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->tags.empty());
}

TEST(instance_catalog, an_error_is_not_kept) {
  fleet_stage fleet;
  fleet.furnish();
  fleet.deny("autoscaling", "DescribeAutoScalingGroups", 10s);
  EXPECT_EQ(fleet.time.wait_for(fleet.instances.profile("web-fleet")).error().code(), errc::denied);

  fleet.time.run_for(10s);

  EXPECT_EQ(fleet.time.wait_for(fleet.instances.profile("web-fleet")).value().tags.size(), 1U);
}

}  // namespace
}  // namespace lifehook::handlers
