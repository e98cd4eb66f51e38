#include "handlers/hook_catalog.h"

#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

#include <list>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

struct hook_catalog_test : testing::Test {
  hook_catalog_test() { fleet.furnish(1, 90s); }

  result<std::optional<aws::lifecycle_hook>> find(const std::string& hook = "drain",
                                                  const std::string& group = "web-fleet") {
    return fleet.time.wait_for(fleet.hooks.find(group, hook));
  }
  std::size_t calls() const { return fleet.wire.count("DescribeLifecycleHooks"); }

  fleet_stage fleet;
};

task<> keep(hook_catalog& in, std::string hook, std::vector<result<std::optional<aws::lifecycle_hook>>>& answers) {
  answers.push_back(co_await in.find("web-fleet", std::move(hook)));
}

task<> find_until(interrupt& given_up, hook_catalog& in) {
  const auto found = co_await given_up.guard(in.find("web-fleet", "drain"));
  EXPECT_EQ(found.error().code(), errc::cancelled);
}

TEST_F(hook_catalog_test, knows_a_hooks_timing) {
  const auto found = find();

  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->heartbeat_timeout, 90s);
  EXPECT_EQ((*found)->global_timeout, 9000s);
  ASSERT_NE(fleet.hooks.known("web-fleet", "drain"), nullptr);
  EXPECT_EQ(fleet.hooks.known("web-fleet", "drain")->heartbeat_timeout, 90s);
}

TEST_F(hook_catalog_test, many_who_ask_at_once_share_one_call) {
  fleet.wire.latency = 2s;
  std::vector<result<std::optional<aws::lifecycle_hook>>> answers;

  for (int i = 0; i < 100; ++i) fleet.time.tasks.spawn(keep(fleet.hooks, i % 2 == 0 ? "drain" : "absent", answers));
  fleet.time.run_for(5s);

  EXPECT_EQ(calls(), 1U);
  ASSERT_EQ(answers.size(), 100U);
  EXPECT_EQ(std::count_if(answers.begin(), answers.end(),
                          [](const auto& each) { return each.has_value() && each->has_value(); }),
            50);
}

TEST_F(hook_catalog_test, who_is_given_up_while_it_asks_leaves_the_others_their_answer) {
  fleet.wire.latency = 2s;
  interrupt given_up;
  std::vector<result<std::optional<aws::lifecycle_hook>>> answers;
  fleet.time.tasks.spawn(find_until(given_up, fleet.hooks));
  fleet.time.tasks.spawn(keep(fleet.hooks, "drain", answers));
  fleet.time.run_for(1s);

  given_up.raise();
  fleet.time.run_for(5s);

  EXPECT_EQ(answers.size(), 1U);
  EXPECT_EQ(calls(), 1U);
}

TEST_F(hook_catalog_test, a_hook_it_does_not_know_of_is_looked_for_again_after_thirty_seconds) {
  find();
  fleet.world.autoscaling().put_hook("web-fleet", {.name = "new"});

  fleet.time.run_for(29s);
  const auto too_soon = find("new");
  fleet.time.run_for(1s);
  const auto found = find("new");

  EXPECT_EQ(*too_soon, std::nullopt);
  EXPECT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ(calls(), 2U);
}

TEST_F(hook_catalog_test, asks_again_after_five_minutes) {
  find();
  fleet.time.run_for(5min - 1s);
  find();
  EXPECT_EQ(calls(), 1U);
  EXPECT_NE(fleet.hooks.known("web-fleet", "drain"), nullptr);

  fleet.time.run_for(1s);

  EXPECT_EQ(fleet.hooks.known("web-fleet", "drain"), nullptr);
  find();
  EXPECT_EQ(calls(), 2U);
}

struct one_who_watches final : hook_catalog::watcher {
  const std::string& hook() const override { return name; }
  void changed(const aws::lifecycle_hook&) override {}
  std::string name = "drain";
};

TEST_F(hook_catalog_test, a_group_is_read_every_ten_seconds_while_hooks_begin_and_every_minute_while_they_wait) {
  find();
  std::list<one_who_watches> watching;
  const auto begin_one = [&] { fleet.hooks.watch("web-fleet", watching.emplace_back()); };

  for (int i = 0; i < 60; ++i, fleet.time.run_for(1s)) begin_one();
  EXPECT_EQ(calls(), 1U + 6U);
  const auto before = calls();
  fleet.time.run_for(10min);

  EXPECT_NEAR(static_cast<double>(calls() - before), 10.0, 1.0);
}

TEST_F(hook_catalog_test, a_group_that_aws_does_not_show_is_asked_for_no_more_often) {
  find();
  std::list<one_who_watches> watching;
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 1h);
  const auto before = calls();

  for (int i = 0; i < 60; ++i, fleet.time.run_for(1s)) fleet.hooks.watch("web-fleet", watching.emplace_back());

  EXPECT_LE(calls() - before, 7U);
}

TEST_F(hook_catalog_test, a_hook_that_begins_while_its_group_is_read_has_it_read_again_ten_seconds_later) {
  find();
  std::list<one_who_watches> watching;
  fleet.hooks.watch("web-fleet", watching.emplace_back());
  fleet.wire.latency = 2s;
  fleet.time.run_for(11s);  // the look is under way
  const auto before = calls();

  fleet.hooks.watch("web-fleet", watching.emplace_back());
  fleet.time.run_for(15s);

  EXPECT_EQ(calls(), before + 1);
}

TEST_F(hook_catalog_test, many_groups_are_read_one_a_second_however_many_hooks_begin) {
  std::list<one_who_watches> watching;
  for (int group = 0; group < 100; ++group) find("drain", "fleet-" + std::to_string(group));
  const auto before = calls();

  for (int i = 0; i < 300; ++i, fleet.time.run_for(1s))
    for (int group = 0; group < 100; ++group)
      fleet.hooks.watch("fleet-" + std::to_string(group), watching.emplace_back());

  EXPECT_LE(calls() - before, 300U);
  EXPECT_GE(calls() - before, 200U);
}

TEST_F(hook_catalog_test, asks_again_as_soon_when_the_clock_was_set_back) {
  find();

  fleet.time.clock.set(fleet.time.clock.now() - 1h);
  fleet.time.run_for(5min);

  find();
  EXPECT_EQ(calls(), 2U);
}

TEST_F(hook_catalog_test, a_group_that_does_not_exist_is_looked_for_again_after_thirty_seconds) {
  const auto found = find("drain", "gone-fleet");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, std::nullopt);

  fleet.time.run_for(29s);
  find("drain", "gone-fleet");
  EXPECT_EQ(calls(), 1U);

  fleet.time.run_for(1s);
  find("drain", "gone-fleet");
  EXPECT_EQ(calls(), 2U);
}

TEST_F(hook_catalog_test, groups_are_asked_for_one_by_one) {
  find();
  find("drain", "gone-fleet");

  EXPECT_EQ(calls(), 2U);
}

TEST_F(hook_catalog_test, an_error_is_told_to_all_who_asked_and_not_kept) {
  fleet.wire.latency = 1s;
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 5s);
  std::vector<result<std::optional<aws::lifecycle_hook>>> answers;
  fleet.time.tasks.spawn(keep(fleet.hooks, "drain", answers));
  fleet.time.tasks.spawn(keep(fleet.hooks, "drain", answers));
  fleet.time.run_for(5s);
  ASSERT_EQ(answers.size(), 2U);
  for (const auto& each : answers) EXPECT_EQ(each.error().code(), errc::denied);

  const auto found = find();

  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->has_value());
}

TEST_F(hook_catalog_test, an_error_after_the_cache_ran_out_does_not_bring_back_what_was_known) {
  find();
  fleet.time.run_for(5min);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 1min);

  EXPECT_TRUE(find().has_error());
  EXPECT_EQ(fleet.hooks.known("web-fleet", "drain"), nullptr);
}

}  // namespace
}  // namespace lifehook::handlers
