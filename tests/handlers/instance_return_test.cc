#include "handlers/instance_return.h"

#include "base/metrics.h"
#include "tests/handlers/hook_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr duration young = 59s;
constexpr duration old = 1min;

TEST(whereabouts, of_an_instance_that_is_not_in_service_tell_its_end) {
  for (const auto* state : {"", "Terminating", "Terminating:Proceed", "Terminated", "Warmed:Stopped", "Standby"})
    for (const bool was_away : {false, true})
      EXPECT_EQ(whereabouts_of({state, was_away, true, young}), whereabouts::ends) << state;
}

TEST(whereabouts, of_one_whose_root_volume_is_being_replaced_are_away) {
  for (const auto* state :
       {"ReplacingRootVolume", "ReplacingRootVolume:Wait", "ReplacingRootVolume:Proceed", "RootVolumeReplaced"})
    for (const bool hook_was_over : {false, true})
      EXPECT_EQ(whereabouts_of({state, false, hook_was_over, old}), whereabouts::away) << state;
}

TEST(whereabouts, of_one_in_service_that_was_away_are_back) {
  for (const auto age : {young, old}) EXPECT_EQ(whereabouts_of({"InService", true, false, age}), whereabouts::back);
}

TEST(whereabouts, of_one_in_service_are_not_told_in_the_first_minute) {
  for (const bool hook_was_over : {false, true})
    EXPECT_EQ(whereabouts_of({"InService", false, hook_was_over, young}), whereabouts::not_told_yet);
}

TEST(whereabouts, of_one_still_in_service_after_it_tell_that_it_stays_only_where_there_was_no_action) {
  EXPECT_EQ(whereabouts_of({"InService", false, true, old}), whereabouts::back);
  EXPECT_EQ(whereabouts_of({"InService", false, false, old}), whereabouts::ends);
}

TEST(instance_return, a_completed_hook_keeps_its_place_for_a_minute_at_most_when_its_instance_cannot_be_read) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  fleet.deny("autoscaling", "DescribeAutoScalingInstances", 3h);
  const plan list{{{drain_step()}}};

  const auto end = hook.attend(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(fleet.action_seen().result, "CONTINUE");
  EXPECT_LE(fleet.time.clock.now() - *fleet.action_seen().ended, 61s);
  EXPECT_EQ(fleet.logged("instance_state_unread").size(), 1U);
}

// Of an instance whose root volume is replaced, which takes eight minutes.
std::shared_ptr<event> begin_replacement(fleet_stage& fleet) {
  fleet.world.ecs().create_cluster("prod");
  fleet.world.ecs().join_on_launch("prod", "web-fleet", 8, duration::zero());
  fleet.world.autoscaling().create_group({.name = "web-fleet", .desired = 1, .launch_time = 8min});
  fleet.world.autoscaling().put_hook("web-fleet", {.name = "drain", .heartbeat_timeout = 900s});
  fleet.time.run_for(10min);
  fleet.world.autoscaling().replace_root_volume(fleet.an_instance());
  const auto& action = fleet.action_seen();
  auto about = std::make_shared<event>();
  about->time = fleet.time.clock.now();
  about->instance = action.instance;
  about->group = action.group;
  about->hook = action.hook;
  about->token = action.token;
  about->destination = place::ec2;
  return about;
}

TEST(instance_return, an_instance_whose_root_volume_was_replaced_takes_tasks_again_once_it_is_back) {
  fleet_stage fleet;
  hook_in_hand hook(fleet, begin_replacement(fleet));

  EXPECT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::remove);

  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
  EXPECT_TRUE(fleet.logged("instance_state_unread").empty());
}

TEST(instance_return, is_left_to_people_where_ecs_refuses_to_set_the_instance_active) {
  fleet_stage fleet;
  hook_in_hand hook(fleet, begin_replacement(fleet));
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "UpdateContainerInstancesState" || call.body.find("ACTIVE") == std::string::npos)
      return std::nullopt;
    return refused_by_ecs("ClientException");
  };

  EXPECT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::remove);

  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "DRAINING");
  EXPECT_EQ(fleet.logged("not_set_active").size(), 1U);
}

TEST(instance_return, so_does_one_whose_hook_was_left_to_its_default) {
  fleet_stage fleet;
  hook_in_hand hook(fleet, begin_replacement(fleet));
  hook.to.on_terminate_failure = failure_policy::leave_default;
  auto stuck = drain_step();
  stuck.timeout = 1min;
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);

  EXPECT_EQ(hook.attend({{{stuck}}}).what, verdict::kind::remove);

  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "default");
  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
}

// How often the end of a hook was counted, whatever its result.
std::size_t ends_counted(fleet_stage& fleet) {
  const auto all = fleet.counts.exposition();
  std::size_t ends = 0;
  const std::string_view counter = "\nlifehook_hooks_completed_total{";
  for (auto at = all.find(counter); at != std::string::npos; at = all.find(counter, at + 1))
    ends += std::stoul(all.substr(all.find("} ", at) + 2));
  return ends;
}

TEST(instance_return, is_awaited_in_hand_however_long_the_message_was_held) {
  fleet_stage fleet;
  hook_in_hand hook(fleet, begin_replacement(fleet));
  hook.under.hold_until = hook.under.received + 1min;

  ASSERT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::remove);

  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
  EXPECT_EQ(ends_counted(fleet), 1U);
  EXPECT_LE(fleet.logged("hook_ended").back().at("open_seconds").to_number<double>(), 60)
      << "the reboot is no part of the hook";
}

TEST(instance_return, that_goes_back_to_the_queue_counts_the_end_of_its_hook_once) {
  fleet_stage fleet;
  hook_in_hand hook(fleet, begin_replacement(fleet));

  const auto stopped = hook.attend_until(2min, give_up::stop, {{{drain_step()}}});

  EXPECT_EQ(stopped.what, verdict::kind::requeue);
  EXPECT_EQ(stopped.delay, 0s);
  EXPECT_EQ(fleet.action_seen().result, "CONTINUE");
  EXPECT_EQ(ends_counted(fleet), 0U);
  hook.come_again(stopped);
  EXPECT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::remove);
  EXPECT_EQ(ends_counted(fleet), 1U);
  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
}

TEST(instance_return, is_given_back_when_the_queue_lets_the_message_be_held_no_longer) {
  fleet_stage fleet;
  hook_in_hand hook(fleet, begin_replacement(fleet));
  hook.under.release_by = hook.under.received + 2min;

  EXPECT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::requeue);

  EXPECT_EQ(fleet.action_seen().complete_calls, 1U);
  EXPECT_EQ(ends_counted(fleet), 0U);
}

TEST(instance_return, a_drain_whose_action_was_over_within_a_minute_is_undone_when_the_instance_stays_in_service) {
  fleet_stage fleet;
  fleet.furnish(2);
  hook_in_hand hook(fleet);
  hook.about->instance = fleet.in_service();
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);
  bool accepts = true;
  fleet.wire.instead = [&accepts](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "RecordLifecycleActionHeartbeat") return std::nullopt;
    if (!std::exchange(accepts, false)) return no_active_action();
    return aws::http_response{200, {}, "<RecordLifecycleActionHeartbeatResponse/>"};
  };
  const plan list{{{drain_step()}}};

  const auto end = hook.attend(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 2U) << "DRAINING, and ACTIVE again";
  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
}

TEST(instance_return, is_seen_also_where_auto_scaling_shows_late_that_the_instance_ever_left) {
  fleet_stage fleet;
  hook_in_hand hook(fleet, begin_replacement(fleet));
  const auto shown_late = fleet.time.clock.now() + 5s;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    const bool lags = call.operation == "DescribeAutoScalingInstances" && call.at < shown_late;
    return lags ? std::optional(shown_as("InService", hook.about->instance)) : std::nullopt;
  };

  EXPECT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::remove);

  ASSERT_LT(*fleet.action_seen().ended, shown_late);
  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
}

TEST(instance_return, is_awaited_through_an_outage_once_it_was_seen_to_leave) {
  fleet_stage fleet;
  hook_in_hand hook(fleet, begin_replacement(fleet));
  alarm failing(fleet.time.clock);
  failing.set(2min, [&] { fleet.deny("autoscaling", "DescribeAutoScalingInstances", 5min); });

  EXPECT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::remove);

  EXPECT_TRUE(fleet.logged("instance_state_unread").empty());
  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
}

TEST(instance_return, is_awaited_for_half_an_hour_at_most) {
  fleet_stage fleet;
  hook_in_hand hook(fleet, begin_replacement(fleet));
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    const bool is_look = call.operation == "DescribeAutoScalingInstances";
    return is_look ? std::optional(shown_as("ReplacingRootVolume", hook.about->instance)) : std::nullopt;
  };
  const auto began = fleet.time.clock.now();

  EXPECT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::remove);

  EXPECT_GE(fleet.time.clock.now() - began, 30min);
  EXPECT_LE(fleet.time.clock.now() - began, 31min + 30s);
}

TEST(instance_return, that_cannot_be_read_is_waited_for_in_hand_however_long_the_message_was_held) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  alarm failing(fleet.time.clock);
  failing.set(10s, [&] { fleet.deny("autoscaling", "DescribeAutoScalingInstances", 30s); });
  hook.under.hold_until = hook.under.received + 15s;
  auto stuck = drain_step();
  stuck.timeout = 12s;
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);

  EXPECT_EQ(hook.attend({{{stuck}}}).what, verdict::kind::remove);

  EXPECT_EQ(fleet.action_seen().complete_calls, 1U);
}

TEST(instance_return, that_will_not_be_is_known_as_soon_as_auto_scaling_shows_the_end) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  const auto shown_late = fleet.time.clock.now() + 5s;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeAutoScalingInstances") return std::nullopt;
    return shown_as(call.at < shown_late ? "InService" : "Terminating:Proceed", hook.about->instance);
  };

  EXPECT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::remove);

  ASSERT_LT(*fleet.action_seen().ended, shown_late);
  EXPECT_LE(fleet.time.clock.now(), shown_late + 2s);
}

// A copy of a message whose hook is over, of an instance that stays in service as far as Auto Scaling shows.
struct copy_of_one_that_is_over : testing::Test {
  copy_of_one_that_is_over() {
    fleet.furnish(2);
    hook.emplace(fleet);
    hook->about->instance = fleet.in_service();
    const auto found = fleet.time.wait_for(fleet.ecs.usual.find_container_instances("prod", {hook->about->instance}));
    fleet.time.wait_for(fleet.ecs.usual.set_state("prod", found.value(), "DRAINING"));
    fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation == "RecordLifecycleActionHeartbeat") {
        if (!std::exchange(accepts, false)) return no_active_action();
        return aws::http_response{200, {}, "<RecordLifecycleActionHeartbeatResponse/>"};
      }
      if (call.operation == "DescribeAutoScalingInstances" && call.at >= leaves)
        return shown_as("Terminating:Proceed", hook->about->instance);
      return std::nullopt;
    };
    fleet.world.ecs().run_task("prod", "report", hook->about->instance);
  }
  std::string status_after_all() {
    EXPECT_EQ(hook->attend({{{drain_step()}}}).what, verdict::kind::remove);
    return fleet.world.ecs().instance_status(hook->about->instance);
  }

  fleet_stage fleet;
  std::optional<hook_in_hand> hook;
  bool accepts = true;
  time_point leaves = time_point::max();  // the service, as shown
};

TEST_F(copy_of_one_that_is_over, is_undone_also_where_it_cannot_be_read_for_some_minutes) {
  fleet.deny("autoscaling", "DescribeAutoScalingInstances", 5min);

  EXPECT_EQ(status_after_all(), "ACTIVE");
}

TEST_F(copy_of_one_that_is_over, is_not_undone_where_auto_scaling_shows_late_that_it_ends) {
  leaves = fleet.time.clock.now() + 50s;

  EXPECT_EQ(status_after_all(), "DRAINING");
}

}  // namespace
}  // namespace lifehook::handlers
