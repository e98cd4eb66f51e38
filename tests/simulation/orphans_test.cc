#include "base/metrics.h"
#include "tests/simulation/worded_scenario.h"

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;

// A fleet whose hook tells nobody: every action is an orphan.
struct silent_fleet : scenario {
  silent_fleet() {
    heartbeat_timeout = 300s;
    tells = false;
  }
};

TEST(orphans, a_hook_that_no_message_tells_of_is_adopted_and_its_instance_drained) {
  silent_fleet fleet;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.start(worker);

  fleet.scale_in_to(2);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }, 10min));
  for (const auto& action : fleet.actions()) {
    EXPECT_EQ(action.result, "CONTINUE");
    EXPECT_EQ(action.complete_calls, 1U);
  }
  EXPECT_EQ(fleet.lost_tasks(), 0U);
  ASSERT_EQ(worker.logged("hook_adopted").size(), 2U);
  EXPECT_EQ(worker.logged("hook_adopted").front().at("hook").as_string(), "drain");
  EXPECT_NE(worker.counts.exposition().find(R"(lifehook_hooks_adopted_total{group="web",transition="terminating"} 2)"),
            std::string::npos);
}

TEST(orphans, short_hooks_are_looked_for_more_often) {
  silent_fleet fleet;
  fleet.heartbeat_timeout = 60s;
  fleet.furnish();
  fleet.deploy();
  fleet.start(fleet.add_worker());
  fleet.time.run_for(10min);
  fleet.scale_in_to(3);
  fleet.time.run_for(70s);  // seen at last: the first one tells how short they are
  fleet.scale_in_to(2);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }, 10min));

  EXPECT_EQ(fleet.actions().back().complete_calls, 1U);
}

TEST(orphans, a_short_hook_lives_by_heartbeats_until_it_is_adopted) {
  silent_fleet fleet;
  fleet.heartbeat_timeout = 60s;
  fleet.settings = "adopt_after: 5m\n";
  fleet.furnish();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.scale_in_to(3);
  fleet.time.run_for(70s);  // seen at last: the first one tells how short they are
  fleet.scale_in_to(2);

  fleet.time.run_for(4min);
  EXPECT_TRUE(worker.logged("hook_adopted").empty());
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }, 10min));

  EXPECT_EQ(fleet.actions().back().complete_calls, 1U);
}

TEST(orphans, what_is_lost_is_found_among_hooks_in_hand) {
  scenario fleet;
  fleet.heartbeat_timeout = 300s;
  fleet.terminating = "[{wait: {for: 15m}}]";
  fleet.furnish();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.scale_in_to(2);
  fleet.time.run_for(1min);
  fleet.put_hook("drain", fleet.heartbeat_timeout);
  fleet.scale_in_to(1);

  fleet.time.run_for(5min);

  EXPECT_EQ(worker.logged("hook_adopted").size(), 1U);
  EXPECT_EQ(worker.logged("hook_in_hand").size(), 3U);
}

TEST(orphans, a_hook_whose_message_went_to_the_dead_letter_queue_is_adopted) {
  scenario fleet;
  fleet.heartbeat_timeout = 300s;
  fleet.max_receive_count = 1;
  fleet.terminating = "[{wait: {for: 10m}}]";
  fleet.furnish();
  auto& first = fleet.add_worker();
  fleet.start(first);
  fleet.scale_in_to(3);
  fleet.time.run_for(1min);

  fleet.stop(first);
  auto& second = fleet.add_worker();
  fleet.start(second);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 30min));
  EXPECT_EQ(fleet.world.sqs().bodies(fleet.dead_letters()).size(), 1U);
  EXPECT_EQ(second.logged("hook_adopted").size(), 1U);
  EXPECT_EQ(fleet.actions().front().complete_calls, 1U);
}

TEST(orphans, hooks_in_another_workers_hands_are_left_to_it) {
  scenario fleet;
  fleet.heartbeat_timeout = 300s;
  fleet.instances = 6;
  fleet.terminating = "[{wait: {for: 20m}}]";
  fleet.queue_settings = "in_hand: 2";
  fleet.furnish();
  fleet.start(fleet.add_worker());
  fleet.start(fleet.add_worker());

  fleet.scale_in_to(2);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(4); }, 30min));
  EXPECT_EQ(fleet.calls("sqs.SendMessage"), 0U);
}

TEST(orphans, a_wait_that_another_hook_holds_is_asked_about_once_and_left) {
  scenario fleet;
  fleet.heartbeat_timeout = 300s;
  fleet.furnish();
  fleet.put_hook("somebody-elses", 3600s);
  auto& worker = fleet.add_worker();
  fleet.start(worker);

  fleet.scale_in_to(3);
  fleet.time.run_for(30min);

  EXPECT_EQ(fleet.calls("sqs.SendMessage"), 0U);
  EXPECT_LE(fleet.calls("autoscaling.RecordLifecycleActionHeartbeat"), 1U);
  EXPECT_TRUE(worker.logged("hook_adopted").empty());
}

TEST(orphans, a_launch_is_adopted_too) {
  worded_scenario fleet("  - {name: web, match: [\"web-*\"], hooks: [\"warmup\"], launching: [{wait: {for: 30s}}]}\n");
  fleet.furnish();
  simulator::hook_settings hook;
  hook.name = "warmup";
  hook.transition = "autoscaling:EC2_INSTANCE_LAUNCHING";
  hook.heartbeat_timeout = 300s;
  fleet.world.autoscaling().put_hook("web-fleet", hook);
  auto& worker = fleet.start_worded();

  fleet.world.autoscaling().set_desired("web-fleet", 5);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 10min));
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
  EXPECT_EQ(worker.logged("hook_adopted").front().at("transition").as_string(), "launching");
}

TEST(orphans, a_dry_run_says_what_it_would_adopt) {
  silent_fleet fleet;
  fleet.furnish();
  auto& worker = fleet.add_worker(true);
  fleet.start(worker);

  fleet.scale_in_to(3);
  fleet.time.run_for(4min);

  EXPECT_EQ(worker.logged("would_adopt_hook").size(), 1U);
  EXPECT_EQ(fleet.calls("autoscaling.RecordLifecycleActionHeartbeat"), 0U);
  EXPECT_EQ(fleet.calls("sqs.SendMessage"), 0U);
}

TEST(orphans, are_left_to_aws_where_the_configuration_says_so) {
  silent_fleet fleet;
  fleet.settings = "adopt_after: 0s\n";
  fleet.furnish();
  fleet.start(fleet.add_worker());

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 10min));
  EXPECT_EQ(fleet.actions().front().complete_calls, 0U);
  EXPECT_EQ(fleet.calls("autoscaling.DescribeAutoScalingGroups"), 0U);
}

TEST(orphans, a_missing_permission_is_said_once_and_stops_nothing) {
  scenario fleet;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.add_fault(fault_kind::access_denied, "autoscaling", "DescribeAutoScalingGroups", 2h);

  fleet.time.run_for(30min);
  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 10min));
  ASSERT_EQ(worker.logged("looking_for_orphans_failed").size(), 1U);
  const auto said = worker.logged("looking_for_orphans_failed").front();
  EXPECT_NE(said.at("advice").as_string().find("adopt_after: 0s"), std::string::npos);
  EXPECT_NE(said.at("advice").as_string().find("deploy/iam/base.json and adopt-hooks.json"), std::string::npos)
      << "the heartbeats are in the first";
}

TEST(orphans, one_whose_beginning_aws_does_not_tell_is_adopted_as_of_when_it_was_first_seen) {
  for (const auto ahead : {0min, 70min}) {
    silent_fleet fleet;
    fleet.furnish();
    auto& worker = fleet.add_worker();
    fleet.add_fault(fault_kind::access_denied, "autoscaling", "DescribeScalingActivities", 2h);
    fleet.world.faults().add({.kind = fault_kind::clock_skew, .delay = ahead});
    fleet.start(worker);

    fleet.scale_in_to(3);

    ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 10min));
    ASSERT_EQ(worker.logged("hook_ended").size(), 1U);
    const auto open = worker.logged("hook_ended").front().at("open_seconds").to_number<double>();
    EXPECT_GE(open, 60) << ahead.count();
    EXPECT_LE(open, 300) << ahead.count();
    ASSERT_EQ(worker.logged("looking_for_orphans_failed").size(), 1U) << "it is said";
  }
}

TEST(orphans, sends_that_fail_for_longer_than_the_hook_has_cost_time_only) {
  silent_fleet fleet;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.add_fault(fault_kind::access_denied, "sqs", "SendMessage", 20min);

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 30min));
  EXPECT_EQ(fleet.actions().front().complete_calls, 1U);
  EXPECT_EQ(fleet.lost_tasks(), 0U);
  EXPECT_EQ(worker.logged("looking_for_orphans_failed").size(), 1U);
}

}  // namespace
}  // namespace lifehook::test
