#include "handlers/lifecycle_action.h"

#include "base/metrics.h"
#include "tests/handlers/hook_stage.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

TEST(lifecycle_action, a_message_of_an_action_that_never_was_does_not_drain_its_instance) {
  fleet_stage fleet;
  fleet.furnish(2);
  hook_in_hand hook(fleet);
  hook.about->instance = fleet.in_service();
  hook.about->token = "00000000-1111-2222-3333-444444444444";
  const plan list{{{drain_step()}}};
  const auto before = fleet.time.clock.now();

  const auto end = hook.attend(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.how, outcome::gone);
  EXPECT_GE(fleet.time.clock.now() - before, 60s);
  EXPECT_LE(fleet.time.clock.now() - before, 66s);
  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 0U);
  ASSERT_EQ(fleet.logged("over_before_begun").size(), 1U);
  EXPECT_EQ(fleet.logged("over_before_begun").front().at("level").as_string(), "warn");
}

TEST(lifecycle_action, a_dry_run_says_where_a_real_one_would_change_nothing) {
  for (const bool waits : {false, true}) {
    fleet_stage fleet;
    fleet.furnish(2);
    fleet.services.dry_run = true;
    hook_in_hand hook(fleet);
    if (!waits) hook.about->instance = fleet.in_service();
    fleet.time.run_for(1s);

    hook.attend({{{drain_step()}}});

    EXPECT_EQ(fleet.logged("dry_run").size(), 1U);
    ASSERT_EQ(fleet.logged("not_in_the_wait").size(), waits ? 0U : 1U);
    if (!waits) EXPECT_EQ(fleet.logged("not_in_the_wait").front().at("lifecycle_state").as_string(), "InService");
  }
}

// It rests until then: the proof wakes it.
TEST(lifecycle_action, a_drain_begins_as_soon_as_its_action_is_shown_to_be_open) {
  fleet_stage fleet;
  fleet.furnish(1, 900s);
  hook_in_hand hook(fleet);
  const auto before = fleet.time.clock.now();
  fleet.wire.slow = [](const seen_call& call) -> duration {
    return call.operation == "DescribeAutoScalingInstances" ? 7s : 20ms;
  };

  hook.attend({{{drain_step()}}});

  const auto drains = fleet.wire.of("UpdateContainerInstancesState");
  ASSERT_EQ(drains.size(), 1U);
  EXPECT_GE(drains.front().at - before, 7s);
  EXPECT_LE(drains.front().at - before, 7500ms);
}

TEST(lifecycle_action, a_copy_of_one_that_was_completed_is_over_and_nothing_to_warn_of) {
  fleet_stage fleet;
  fleet.furnish(1, 900s);
  hook_in_hand first(fleet);
  first.attend();
  fleet.time.run_for(70s);
  hook_in_hand copy(fleet, first.about);

  EXPECT_EQ(copy.attend().how, outcome::gone);

  ASSERT_EQ(fleet.logged("over_before_begun").size(), 1U);
  EXPECT_EQ(fleet.logged("over_before_begun").front().at("level").as_string(), "info");
  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "over");
}

// As those that come back from the dead letters: its deadline leaves no time to ask before it is to be completed.
TEST(lifecycle_action, one_whose_deadline_was_over_when_it_came_and_of_which_aws_knows_nothing_is_over) {
  for (const std::string_view answered_last : {"RecordLifecycleActionHeartbeat", "CompleteLifecycleAction"}) {
    fleet_stage fleet;
    fleet.furnish(2, 60s);
    hook_in_hand first(fleet);
    first.attend();
    fleet.time.run_for(3h);
    hook_in_hand(fleet).attend();  // its hook's timing is known
    fleet.wire.slow = [&](const seen_call& call) -> duration { return call.operation == answered_last ? 40ms : 20ms; };
    hook_in_hand back(fleet, first.about);
    const plan list{{{drain_step()}}};

    EXPECT_EQ(back.attend(list).how, outcome::gone) << answered_last;

    EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "over") << answered_last;
    EXPECT_EQ(fleet.logged("over_before_begun").size(), 1U);
    for (const auto* alarming : {"ended_early", "deadline_reached", "steps_failed"})
      EXPECT_TRUE(fleet.logged(alarming).empty()) << alarming << ": nobody is to be woken up";
  }
}

TEST(lifecycle_action, one_whose_deadline_was_over_when_it_came_and_that_is_open_has_failed) {
  fleet_stage fleet;
  fleet.furnish(1, 900s);
  hook_in_hand hook(fleet);
  hook.about->time = fleet.time.clock.now() - 15min;
  hook.under.first_received -= 15min;

  EXPECT_EQ(hook.attend({{{drain_step()}}}).how, outcome::timeout);

  EXPECT_EQ(fleet.action_seen().complete_calls, 1U);
  EXPECT_EQ(fleet.logged("deadline_reached").size(), 1U);
  EXPECT_EQ(fleet.outcomes_of("steps_failed"), std::vector<std::string>{"timeout"});
}

// No worker ran, or all had as many in hand as they may.
TEST(lifecycle_action, one_that_ran_out_while_its_message_lay_in_the_queue_has_ended_early_and_its_work_is_lost) {
  for (const bool came_before : {false, true}) {
    fleet_stage fleet;
    fleet.furnish(2, 60s);
    hook_in_hand hook(fleet);
    fleet.time.run_for(5min);
    hook.under = fleet.terms();
    hook.under.sent -= 5min;
    hook.under.came_before = came_before;
    const plan list{{{drain_step()}}};

    EXPECT_EQ(hook.attend(list).how, outcome::lost) << came_before;

    EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "ended_early") << came_before;
    ASSERT_EQ(fleet.logged("over_before_begun").size(), 1U);
    EXPECT_EQ(fleet.logged("over_before_begun").front().at("level").as_string(), "warn");
  }
}

TEST(lifecycle_action, one_that_ended_here_and_comes_again_since_sqs_did_not_delete_it_is_over) {
  fleet_stage fleet;
  fleet.furnish(2, 60s);
  hook_in_hand hook(fleet);
  hook.attend();
  fleet.time.run_for(5min);
  hook.under = fleet.terms();
  hook.under.came_before = true;

  EXPECT_EQ(hook.attend().how, outcome::gone);

  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "over");
}

TEST(lifecycle_action, one_that_ran_out_in_hand_has_ended_early_and_its_work_is_lost) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);
  fleet.deny("autoscaling", "RecordLifecycleActionHeartbeat", 1h);
  const plan list{{{drain_step()}}};

  const auto end = hook.attend(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.how, outcome::lost);
  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "ended_early");
  ASSERT_EQ(fleet.logged("ended_early").size(), 1U);
  EXPECT_EQ(fleet.logged("ended_early").front().at("level").as_string(), "warn");
}

TEST(lifecycle_action, a_hook_that_aws_ends_before_the_groups_deadline_is_told_of_once) {
  fleet_stage fleet;
  fleet.furnish(2, 60s);  // 100 min
  hook_in_hand first(fleet), second(fleet);
  first.to.deadline = second.to.deadline = 24h;

  first.attend();
  second.attend();

  const auto told = fleet.logged("hook_ends_before_deadline");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(std::string(told.front().at("advice").as_string()), testing::HasSubstr("864 s"));
}

TEST(lifecycle_action, a_hook_that_lasts_as_long_as_the_deadline_is_not_told_of) {
  fleet_stage fleet;
  fleet.furnish(1, 60s);
  hook_in_hand hook(fleet);
  hook.to.deadline = 100min;

  hook.attend();

  EXPECT_TRUE(fleet.logged("hook_ends_before_deadline").empty());
}

// A message that AWS gave to another worker while this one could not extend it; both work on its hook.
struct message_lost : testing::Test {
  struct lost_message final : message_in_hand {
    bool is_lost() const override { return true; }
    void limit_visibility(duration) override {}
  };

  message_lost() {
    fleet.furnish(1, 300s);
    hook.emplace(fleet);
    hook->under.message = &message;
    fleet.world.ecs().run_task("prod", "report", hook->about->instance);
  }

  // The other one completes it after `when`.
  verdict attend_while_another_completes(duration when) {
    alarm done(fleet.time.clock);
    done.set(when, [this] { fleet.time.tasks.spawn(complete(fleet.autoscaling.usual, action_of(*hook->about))); });
    return hook->attend({{{drain_step()}}});
  }
  static task<> complete(aws::autoscaling& with, aws::lifecycle_action_id id) {
    co_await with.complete(std::move(id), aws::hook_result::proceed);
  }

  lost_message message;
  fleet_stage fleet;
  std::optional<hook_in_hand> hook;
};

TEST_F(message_lost, a_hook_that_another_worker_has_completed_is_over_and_nothing_to_wake_up_for) {
  EXPECT_EQ(attend_while_another_completes(10s).how, outcome::gone);

  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "over");
  EXPECT_EQ(fleet.logged("ended_elsewhere").size(), 1U);
  EXPECT_TRUE(fleet.logged("ended_early").empty());
}

TEST_F(message_lost, a_hook_that_may_have_run_out_has_ended_early_all_the_same) {
  fleet.deny("autoscaling", "RecordLifecycleActionHeartbeat", 1h);

  EXPECT_EQ(attend_while_another_completes(400s).how, outcome::lost);

  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "ended_early");
}

TEST(lifecycle_action, what_was_ended_by_the_deadline_keeps_its_outcome) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  hook.to.deadline = 50s;
  const plan list{{{wait_step(10min)}}};

  const auto end = hook.attend(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.how, outcome::timeout);
  EXPECT_EQ(fleet.outcomes_of("hook_ended"), std::vector<std::string>{"timeout"});
}

TEST(lifecycle_action, a_message_is_invisible_and_put_off_for_a_quarter_of_its_hooks_timeout_at_most) {
  for (const auto timeout : {60s, 3600s}) {
    fleet_stage fleet;
    fleet.furnish(1, timeout);
    hook_in_hand hook(fleet);
    hook.under.hold_until = hook.under.received;
    const plan list{{{wait_step(9min)}}};

    const auto end = hook.attend(list);

    EXPECT_EQ(end.what, verdict::kind::requeue);
    EXPECT_EQ(hook.longest_visibility, timeout / 4);
    EXPECT_LE(end.delay, timeout / 4);
    EXPECT_GE(end.delay, 15s);
  }
}

TEST(lifecycle_action, a_timing_that_is_learned_late_brings_the_deadline_nearer) {
  fleet_stage fleet;
  fleet.furnish(1, 30s);
  hook_in_hand hook(fleet);
  hook.to.deadline = 10h;
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add(
      {simulator::fault_kind::delay, "autoscaling", "DescribeLifecycleHooks", 1.0, now, now + 1h, 1s});
  const plan list{{{drain_step()}}};

  const auto end = hook.attend(list);

  EXPECT_EQ(end.how, outcome::standalone_task);
  EXPECT_EQ(std::chrono::round<std::chrono::seconds>(fleet.time.clock.now() - now), 100 * 30s - 10s);
}

TEST(lifecycle_action, what_is_given_back_by_choice_leaves_one_behind_where_the_last_is_a_quarter_of_the_timeout_old) {
  for (const auto [hold, beats] : {std::pair(34s, 1U), std::pair(50s, 2U)}) {
    fleet_stage fleet;
    fleet.furnish();
    hook_in_hand hook(fleet);
    hook.under.hold_until = hook.under.received + hold;
    fleet.world.ecs().run_task("prod", "report", hook.about->instance);
    const plan list{{{drain_step()}}};

    EXPECT_EQ(hook.attend(list).what, verdict::kind::requeue);

    EXPECT_EQ(fleet.action_seen().heartbeats.size(), beats) << hold.count();
  }
}

TEST(lifecycle_action, is_counted_as_held_only_while_it_is) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  const auto held = [&fleet](int count) {
    const auto line = fmt::format("lifehook_hooks_held{{group=\"web\",transition=\"terminating\"}} {}\n", count);
    return fleet.counts.exposition().find(line) != std::string::npos;
  };
  alarm looking(fleet.time.clock);
  bool meanwhile = false;
  looking.set(5s, [&] { meanwhile = held(1); });

  hook.attend({{{wait_step(10s)}}});

  EXPECT_TRUE(meanwhile);
  EXPECT_TRUE(held(0));
}

TEST(lifecycle_action, a_lost_instance_whose_hook_was_over_before_its_completion_has_ended_early) {
  fleet_stage fleet;
  fleet.furnish(1, 900s);
  hook_in_hand hook(fleet);
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    return call.operation == "CompleteLifecycleAction" ? std::optional(no_active_action()) : std::nullopt;
  };
  alarm ending(fleet.time.clock);
  ending.set(2min, [&] { fleet.news.tell_end(hook.about->instance); });
  const plan list{{{drain_step()}}};

  EXPECT_EQ(hook.attend(list).how, outcome::lost);

  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "ended_early");
}

TEST(lifecycle_action, a_stop_leaves_a_fresh_heartbeat_behind_however_young_the_last_one_is) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  const plan list{{{wait_step(9min)}}};

  EXPECT_EQ(hook.attend_until(40s, give_up::stop, list).what, verdict::kind::requeue);

  const auto& beats = fleet.action_seen().heartbeats;
  ASSERT_EQ(beats.size(), 2U);
  EXPECT_LT(beats[1] - beats[0], 15s) << "a quarter of the timeout";
  EXPECT_EQ(beats[1], fleet.time.clock.now());
}

TEST(lifecycle_action, a_stop_waits_for_a_heartbeat_that_hangs_for_three_seconds_at_most) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  const auto began = fleet.time.clock.now();
  fleet.wire.slow = [&](const seen_call& call) {
    return call.operation == "RecordLifecycleActionHeartbeat" && call.at >= began + 20s ? 9s : 0s;
  };
  const plan list{{{wait_step(9min)}}};

  EXPECT_EQ(hook.attend_until(20s, give_up::stop, list).what, verdict::kind::requeue);

  EXPECT_EQ(fleet.time.clock.now() - began, 23s);
}

// AWS stamps events and messages by its clock.
TEST(lifecycle_action, a_clock_of_ours_that_is_ahead_of_awss_brings_no_deadline_near) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  fleet.set_our_clock_ahead(2h, hook.under, *hook.about);
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);
  const plan list{{{drain_step()}}};
  const auto before = fleet.time.clock.now();

  const auto end = hook.attend(list);

  EXPECT_EQ(end.how, outcome::standalone_task);
  EXPECT_EQ(std::chrono::round<std::chrono::seconds>(fleet.time.clock.now() - before), 10min - 10s);
}

// What the board shows at that time of a hook in hand.
std::optional<time_point> shown_after(duration span, fleet_stage& fleet, hook_in_hand& hook, const plan& list) {
  std::optional<time_point> shown;
  alarm look(fleet.time.clock);
  look.set(span, [&] { shown = fleet.deadlines.nearest(); });
  hook.attend(list);
  EXPECT_FALSE(look.is_set());
  return shown;
}

TEST(lifecycle_action, its_deadline_is_shown_while_its_steps_run) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  const auto first_received = hook.under.first_received;

  EXPECT_EQ(shown_after(30s, fleet, hook, {{{wait_step(1min)}}}), first_received + 10min - 10s);

  EXPECT_EQ(fleet.deadlines.nearest(), std::nullopt);
}

TEST(lifecycle_action, a_deadline_that_is_always_near_is_not_shown) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  hook.to.deadline = 45s;

  EXPECT_EQ(shown_after(20s, fleet, hook, {{{wait_step(30s)}}}), std::nullopt);
}

TEST(lifecycle_action, the_deadline_of_a_hook_that_has_ended_is_not_shown_while_its_instance_is_looked_after) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  std::vector<bool> shown;
  fleet.wire.instead = [&](const seen_call&) -> std::optional<aws::http_response> {
    if (fleet.action_seen().ended) shown.push_back(fleet.deadlines.nearest().has_value());
    return std::nullopt;
  };

  hook.attend({{{drain_step()}}});

  EXPECT_THAT(shown, testing::Contains(false));
  EXPECT_THAT(shown, testing::Not(testing::Contains(true)));
}

// A list that fails after ten seconds, of a hook whose default AWS is to apply.
struct left_to_default : testing::Test {
  left_to_default() {
    fleet.furnish(1, 60s);
    hook.emplace(fleet);
    hook->to.on_terminate_failure = failure_policy::leave_default;
  }

  static task<> complete(aws::autoscaling& by, aws::lifecycle_action_id of) {
    co_await by.complete(std::move(of), aws::hook_result::proceed);
  }

  fleet_stage fleet;
  std::optional<hook_in_hand> hook;
  const plan list{{{wait_step(30min, 10s)}}};
};

TEST_F(left_to_default, a_hook_is_kept_in_hand_until_aws_has_acted_however_long_it_was_held) {
  hook->under.hold_until = hook->under.received + 20s;

  const auto end = hook->attend_to_the_end(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.how, outcome::timeout);
  EXPECT_TRUE(fleet.action_seen().timed_out);
  EXPECT_TRUE(fleet.action_seen().heartbeats.empty()) << "one would put the default result off";
  EXPECT_EQ(fleet.outcomes_of("step_ended"), std::vector<std::string>{"timeout"});
  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "default");
}

TEST_F(left_to_default, a_hook_is_kept_until_aws_has_acted_also_where_auto_scaling_shows_its_wait_late) {
  const auto shown_late = fleet.time.clock.now() + 15s;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    const bool lags = call.operation == "DescribeAutoScalingInstances" && call.at < shown_late;
    return lags ? std::optional(shown_as("InService", hook->about->instance)) : std::nullopt;
  };

  const auto end = hook->attend(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_TRUE(fleet.action_seen().timed_out);
}

TEST_F(left_to_default, a_hook_has_no_deadline_to_be_shown) {
  EXPECT_EQ(shown_after(30s, fleet, *hook, list), std::nullopt);
}

TEST_F(left_to_default, a_hook_whose_deadline_has_passed_already_gets_no_heartbeat) {
  hook->about->time = fleet.time.clock.now() - 10min;
  hook->under.first_received -= 10min;

  const auto end = hook->attend(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_TRUE(fleet.action_seen().heartbeats.empty()) << "one would put the default result off";
  EXPECT_TRUE(fleet.action_seen().timed_out);
}

TEST_F(left_to_default, a_hook_is_kept_while_auto_scaling_does_not_say_that_its_wait_is_over) {
  const auto began = fleet.time.clock.now();
  fleet.time.run_for(1s);
  fleet.deny("autoscaling", "DescribeAutoScalingInstances", 5min);

  const auto end = hook->attend(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_GE(fleet.time.clock.now() - began, 5min);
}

TEST_F(left_to_default, a_hook_that_somebody_ends_before_its_timer_is_kept_no_longer) {
  alarm ending(fleet.time.clock);
  ending.set(20s, [&] { fleet.time.tasks.spawn(complete(fleet.autoscaling.usual, action_of(*hook->about))); });
  const auto began = fleet.time.clock.now();

  const auto end = hook->attend(list);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_LE(fleet.time.clock.now() - began, 40s);
}

TEST_F(left_to_default, a_hook_goes_back_without_a_heartbeat_when_the_worker_stops) {
  const auto end = hook->attend_until(30s, give_up::stop, list);

  EXPECT_EQ(end.what, verdict::kind::requeue);
  EXPECT_EQ(end.delay, 0s);
  EXPECT_TRUE(fleet.action_seen().heartbeats.empty());
}

TEST_F(left_to_default, a_hook_goes_back_when_the_queue_lets_its_message_be_held_no_longer) {
  hook->under.release_by = hook->under.received + 30s;

  EXPECT_EQ(hook->attend(list).what, verdict::kind::requeue);
  EXPECT_LE(fleet.time.clock.now() - hook->under.received, 45s);
}

// Of an instance that was drained when it went to its warm pool, and is launched out of it.
std::shared_ptr<event> launch_from_pool(fleet_stage& fleet) {
  auto about = std::make_shared<event>();
  about->kind = event_kind::launching;
  about->time = fleet.time.clock.now();
  about->instance = fleet.an_instance();
  about->group = "web-fleet";
  about->hook = "drain";
  about->token = "7a5c0e1d-0000-4000-8000-000000000001";
  about->origin = place::warm_pool;
  about->destination = place::scaling_group;
  const auto found = fleet.time.wait_for(fleet.ecs.usual.find_container_instances("prod", {about->instance}));
  fleet.time.wait_for(fleet.ecs.usual.set_state("prod", found.value(), "DRAINING"));
  return about;
}

// A launch of a container instance that is DRAINING, in a group whose terminating list drains.
struct launch_of_a_draining_one : testing::Test {
  launch_of_a_draining_one() {
    fleet.furnish(1, 900s);
    hook.emplace(fleet, launch_from_pool(fleet));
    hook->terminating = {{{drain_step()}}};
    fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation == "RecordLifecycleActionHeartbeat" || call.operation == "CompleteLifecycleAction")
        return aws::http_response{200, {}, fmt::format("<{}Response/>", call.operation)};
      if (call.operation == "UpdateContainerInstancesState" && ecs_answers) return ecs_answers;
      if (call.operation != "DescribeAutoScalingInstances") return std::nullopt;
      return shown_as(call.at < shown_late ? "Warmed:Stopped" : shown, hook->about->instance);
    };
  }
  std::string status_after(outcome expected) {
    EXPECT_EQ(hook->attend().how, expected);
    return fleet.world.ecs().instance_status(hook->about->instance);
  }

  fleet_stage fleet;
  std::optional<hook_in_hand> hook;
  time_point shown_late{};
  std::string_view shown = "Pending:Wait";
  std::optional<aws::http_response> ecs_answers;  // to setting it ACTIVE, in the place of the simulated one
};

TEST_F(launch_of_a_draining_one, that_comes_out_of_the_warm_pool_sets_active) {
  EXPECT_EQ(status_after(outcome::done), "ACTIVE");
}

TEST_F(launch_of_a_draining_one, sets_active_also_where_its_hook_has_ended_meanwhile) {
  shown = "InService";

  EXPECT_EQ(status_after(outcome::done), "ACTIVE");
}

TEST_F(launch_of_a_draining_one, sets_active_also_where_auto_scaling_shows_it_in_the_pool_for_a_while) {
  shown_late = fleet.time.clock.now() + 3s;

  EXPECT_EQ(status_after(outcome::done), "ACTIVE");
}

TEST_F(launch_of_a_draining_one, that_is_on_its_way_out_again_changes_nothing) {
  shown = "Terminating:Wait";

  EXPECT_EQ(status_after(outcome::done), "DRAINING");
}

TEST_F(launch_of_a_draining_one, that_is_new_changes_nothing) {
  hook->about->origin = place::ec2;

  EXPECT_EQ(status_after(outcome::done), "DRAINING");
}

TEST_F(launch_of_a_draining_one, that_has_left_its_cluster_just_then_has_nothing_to_be_set) {
  ecs_answers = aws::http_response{
      400,
      {},
      R"({"__type":"InvalidParameterException","message":"The referenced container instance was not found."})"};

  EXPECT_EQ(status_after(outcome::done), "DRAINING");
  EXPECT_TRUE(fleet.logged("not_set_active").empty());
}

TEST_F(launch_of_a_draining_one, that_cannot_be_set_active_is_abandoned) {
  ecs_answers = refused_by_ecs("InvalidParameterException");

  EXPECT_EQ(status_after(outcome::failed), "DRAINING");
  ASSERT_EQ(fleet.wire.count("CompleteLifecycleAction"), 1U);
  EXPECT_THAT(fleet.wire.of("CompleteLifecycleAction").front().body, testing::HasSubstr("ABANDON"));
}

}  // namespace
}  // namespace lifehook::handlers
