#include "handlers/hook_end.h"

#include "handlers/lifecycle_action.h"
#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

#include <array>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

struct state_row {
  std::string_view state;
  bool launches;    // before, on the way into, or in a wait of a launching hook
  bool terminates;  // the same of a terminating hook
};
constexpr std::array<state_row, 24> states{{{"Pending", true, true},
                                            {"Pending:Wait", true, true},
                                            {"Pending:Proceed", false, true},
                                            {"Quarantined", false, false},
                                            {"InService", false, true},
                                            {"Terminating", false, true},
                                            {"Terminating:Wait", false, true},
                                            {"Terminating:Proceed", false, false},
                                            {"Terminating:Retained", false, false},
                                            {"Terminated", false, false},
                                            {"Detaching", false, false},
                                            {"Detached", false, false},
                                            {"Standby", false, true},
                                            {"Warmed:Pending", true, true},
                                            {"Warmed:Pending:Wait", true, true},
                                            {"Warmed:Pending:Proceed", false, false},
                                            {"Warmed:Stopped", true, true},
                                            {"Warmed:Running", true, true},
                                            {"Warmed:Terminating", false, true},
                                            {"Warmed:Terminating:Wait", false, true},
                                            {"Warmed:Terminating:Proceed", false, false},
                                            {"ReplacingRootVolume", false, true},
                                            {"ReplacingRootVolume:Wait", false, true},
                                            {"RootVolumeReplaced", false, false}}};

no_action meaning(event_kind transition, std::string_view state) { return meaning_of({transition, false, 3s, state}); }

TEST(hook_end, no_active_action_means_not_yet_until_the_wait_of_the_transition_is_past) {
  for (const auto& row : states) {
    EXPECT_EQ(meaning(event_kind::launching, row.state) == no_action::not_yet, row.launches) << row.state;
    EXPECT_EQ(meaning(event_kind::terminating, row.state) == no_action::not_yet, row.terminates) << row.state;
  }
}

TEST(hook_end, steps_begin_unproven_only_in_the_wait_while_the_event_is_young) {
  const auto young = [](std::string_view state) {
    return may_begin_with({event_kind::terminating, 59s, false, state});
  };

  EXPECT_EQ(young("Terminating:Wait"), may_begin::yes);
  EXPECT_EQ(young("Warmed:Terminating:Wait"), may_begin::yes);
  EXPECT_EQ(young("Pending:Wait"), may_begin::not_yet);
  EXPECT_EQ(young("Terminating"), may_begin::not_yet);
  EXPECT_EQ(young("InService"), may_begin::not_yet);
  EXPECT_EQ(young(""), may_begin::not_yet);
  EXPECT_EQ(may_begin_with({event_kind::terminating, 59s, false, std::nullopt}), may_begin::not_yet);
}

TEST(hook_end, steps_begin_unproven_after_a_minute_unless_the_instance_is_known_to_be_elsewhere) {
  const auto old = [](bool rejected, std::optional<std::string_view> state) {
    return may_begin_with({event_kind::terminating, 60s, rejected, state});
  };

  EXPECT_EQ(old(false, std::nullopt), may_begin::yes) << "an outage";
  EXPECT_EQ(old(false, "Terminating"), may_begin::yes);
  EXPECT_EQ(old(true, "Terminating:Wait"), may_begin::yes);
  EXPECT_EQ(old(false, "InService"), may_begin::not_yet);
  EXPECT_EQ(old(true, "InService"), may_begin::never);
  EXPECT_EQ(old(false, ""), may_begin::never) << "it has ended";
}

TEST(hook_end, an_instance_waits_only_in_a_wait_state_of_the_transition) {
  for (const auto& row : states) {
    const bool in_wait = row.state.ends_with(":Wait");
    EXPECT_EQ(waits(event_kind::launching, row.state), in_wait && row.launches) << row.state;
    EXPECT_EQ(waits(event_kind::terminating, row.state), in_wait && row.terminates && row.state != "Pending:Wait")
        << row.state;
  }
}

TEST(hook_end, an_action_that_was_accepted_once_is_over_whatever_the_state) {
  const no_action_facts facts{event_kind::terminating, true, 3s, "Terminating:Wait"};

  EXPECT_FALSE(needs_lifecycle_state(facts));
  EXPECT_EQ(meaning_of(facts), no_action::over);
}

TEST(hook_end, an_event_of_a_minute_ago_is_over_whatever_the_state) {
  const no_action_facts young{event_kind::terminating, false, 59s, "Terminating:Wait"};
  const no_action_facts old{event_kind::terminating, false, 60s, "Terminating:Wait"};

  EXPECT_TRUE(needs_lifecycle_state(young));
  EXPECT_EQ(meaning_of(young), no_action::not_yet);
  EXPECT_FALSE(needs_lifecycle_state(old));
  EXPECT_EQ(meaning_of(old), no_action::over);
}

TEST(hook_end, an_instance_that_auto_scaling_does_not_know_is_over_unless_it_is_being_launched) {
  EXPECT_EQ(meaning_of({event_kind::terminating, false, 3s, std::nullopt}), no_action::over);
  EXPECT_EQ(meaning_of({event_kind::launching, false, 3s, std::nullopt}), no_action::not_yet);
}

TEST(hook_end, an_outage_of_the_look_up_decides_nothing) {
  fleet_stage fleet;
  fleet.furnish();
  const auto about = fleet.begin_termination();
  fleet.deny("autoscaling", "DescribeAutoScalingInstances", 1h);

  const auto over =
      fleet.time.wait_for(is_over(fleet.services.hook, *about, fleet.time.clock.now() - *about->time, false));

  ASSERT_TRUE(over.has_error());
  EXPECT_EQ(over.error().code(), errc::denied);
}

// One hook in hand whose list is empty: it is completed at once.
struct completing {
  explicit completing(fleet_stage& on) : completing(on, on.begin_termination()) {}
  completing(fleet_stage& on, std::shared_ptr<event> of) : fleet(on), about(std::move(of)), keeps(on.terms()) {
    to.name = "web";
    to.deadline = 10min;
  }
  verdict attend() {
    plan_runner steps(to, {}, fleet.services);
    lifecycle_action action(fleet.services, to, steps, nullptr, about, keeps, [](duration) {}, fleet.log);
    return fleet.time.wait_for(action.attend());
  }
  fleet_stage& fleet;
  group to;
  std::shared_ptr<event> about;
  tenure keeps;
};

TEST(hook_end, a_completion_that_comes_before_aws_has_caught_up_is_tried_again_every_five_seconds) {
  fleet_stage fleet;
  fleet.furnish();
  completing hook(fleet);
  fleet.wire.instead = [&fleet](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "CompleteLifecycleAction" && fleet.wire.count(call.operation) <= 2) return no_active_action();
    if (call.operation == "RecordLifecycleActionHeartbeat") return no_active_action();
    return std::nullopt;
  };

  const auto end = hook.attend();

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(fleet.action_seen().result, "CONTINUE");
  const auto calls = fleet.wire.of("CompleteLifecycleAction");
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[1].at - calls[0].at, 5s);
  EXPECT_EQ(calls[2].at - calls[1].at, 5s);
}

TEST(hook_end, a_completion_that_is_refused_for_a_minute_is_over) {
  fleet_stage fleet;
  fleet.furnish();
  completing hook(fleet);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "CompleteLifecycleAction") return no_active_action();
    return std::nullopt;
  };
  hook.about->time = fleet.time.clock.now() - 50s;
  fleet.deny("autoscaling", "RecordLifecycleActionHeartbeat", 1h);
  const auto before = fleet.time.clock.now();

  const auto end = hook.attend();

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.how, outcome::gone);
  EXPECT_EQ(fleet.time.clock.now() - before, 10s);
}

TEST(hook_end, a_completion_that_is_rejected_for_good_is_given_up_at_the_global_timeout_and_its_message_left) {
  fleet_stage fleet;
  fleet.furnish(1, 30s);  // its global timeout ends before the hold does
  completing hook(fleet);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "CompleteLifecycleAction") return std::nullopt;
    return rejected_call();
  };
  fleet.time.wait_for(fleet.hooks.find("web-fleet", "drain"));
  const auto global = fleet.hooks.known("web-fleet", "drain")->global_timeout;
  const auto before = fleet.time.clock.now();

  const auto end = hook.attend();

  EXPECT_EQ(end.what, verdict::kind::leave);
  EXPECT_GE(fleet.time.clock.now() - before, global);
  EXPECT_LE(fleet.time.clock.now() - before, global + 30s);
  EXPECT_LE(fleet.wire.count("CompleteLifecycleAction"), static_cast<std::size_t>(global / 5s));
  ASSERT_EQ(fleet.logged("completing_given_up").size(), 1U);
  EXPECT_EQ(fleet.logged("completing_given_up").front().at("level").as_string(), "error");
}

TEST(hook_end, a_rejected_completion_of_a_hook_of_unknown_timing_is_given_up_at_the_deadline) {
  fleet_stage fleet;
  fleet.furnish();
  completing hook(fleet);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 3h);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "CompleteLifecycleAction") return std::nullopt;
    return rejected_call();
  };
  const auto before = fleet.time.clock.now();

  const auto end = hook.attend();

  EXPECT_EQ(end.what, verdict::kind::leave);
  EXPECT_LE(fleet.time.clock.now() - before, hook.to.deadline + 30s);
}

TEST(hook_end, a_completed_hook_keeps_its_place_for_a_minute_at_most_when_its_instance_cannot_be_read) {
  fleet_stage fleet;
  fleet.furnish();
  completing hook(fleet);
  fleet.deny("autoscaling", "DescribeAutoScalingInstances", 3h);
  plan_runner steps(hook.to, {{{drain_step()}}}, fleet.services);
  lifecycle_action action(fleet.services, hook.to, steps, nullptr, hook.about, hook.keeps, [](duration) {}, fleet.log);

  const auto end = fleet.time.wait_for(action.attend());

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(fleet.action_seen().result, "CONTINUE");
  EXPECT_LE(fleet.time.clock.now() - *fleet.action_seen().ended, 61s);
  EXPECT_EQ(fleet.logged("instance_state_unread").size(), 1U);
}

TEST(hook_end, a_message_of_an_action_that_never_was_does_not_drain_its_instance) {
  fleet_stage fleet;
  fleet.furnish(2);
  completing hook(fleet);
  hook.about->instance = fleet.in_service();
  hook.about->token = "00000000-1111-2222-3333-444444444444";
  plan_runner steps(hook.to, {{{drain_step()}}}, fleet.services);
  lifecycle_action action(fleet.services, hook.to, steps, nullptr, hook.about, hook.keeps, [](duration) {}, fleet.log);
  const auto before = fleet.time.clock.now();

  const auto end = fleet.time.wait_for(action.attend());

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.how, outcome::gone);
  EXPECT_GE(fleet.time.clock.now() - before, 60s);
  EXPECT_LE(fleet.time.clock.now() - before, 66s);
  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 0U);
  ASSERT_EQ(fleet.logged("over_before_begun").size(), 1U);
  EXPECT_EQ(fleet.logged("over_before_begun").front().at("level").as_string(), "warn");
}

TEST(hook_end, a_copy_of_one_that_was_completed_is_over_and_nothing_to_warn_of) {
  fleet_stage fleet;
  fleet.furnish(1, 900s);
  completing first(fleet);
  first.attend();
  fleet.time.run_for(70s);
  completing copy(fleet, first.about);

  EXPECT_EQ(copy.attend().how, outcome::gone);

  ASSERT_EQ(fleet.logged("over_before_begun").size(), 1U);
  EXPECT_EQ(fleet.logged("over_before_begun").front().at("level").as_string(), "info");
  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "over");
}

TEST(hook_end, one_that_ran_out_in_hand_has_ended_early_and_its_work_is_lost) {
  fleet_stage fleet;
  fleet.furnish();
  completing hook(fleet);
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);
  fleet.deny("autoscaling", "RecordLifecycleActionHeartbeat", 1h);
  plan_runner steps(hook.to, {{{drain_step()}}}, fleet.services);
  lifecycle_action action(fleet.services, hook.to, steps, nullptr, hook.about, hook.keeps, [](duration) {}, fleet.log);

  const auto end = fleet.time.wait_for(action.attend());

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.how, outcome::lost);
  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "ended_early");
  ASSERT_EQ(fleet.logged("ended_early").size(), 1U);
  EXPECT_EQ(fleet.logged("ended_early").front().at("level").as_string(), "warn");
}

// An instance whose root volume is replaced, while its hook drains it.
struct replacing {
  explicit replacing(fleet_stage& on) : fleet(on) {
    to.name = "web";
    to.deadline = 10min;
    fleet.world.ecs().create_cluster("prod");
    fleet.world.ecs().join_on_launch("prod", "web-fleet", 8, duration::zero());
    fleet.world.autoscaling().create_group({.name = "web-fleet", .desired = 1, .launch_time = 8min});
    fleet.world.autoscaling().put_hook("web-fleet", {.name = "drain", .heartbeat_timeout = 900s});
    fleet.time.run_for(10min);
    fleet.world.autoscaling().replace_root_volume(fleet.an_instance());
    const auto& action = fleet.action_seen();
    about->time = fleet.time.clock.now();
    about->instance = action.instance;
    about->group = action.group;
    about->hook = action.hook;
    about->token = action.token;
    about->destination = place::ec2;
    keeps.emplace(fleet.terms());
  }
  verdict attend(plan list) {
    plan_runner steps(to, std::move(list), fleet.services);
    lifecycle_action action(fleet.services, to, steps, nullptr, about, *keeps, [](duration) {}, fleet.log);
    return fleet.time.wait_for(action.attend());
  }
  fleet_stage& fleet;
  group to;
  std::shared_ptr<event> about = std::make_shared<event>();
  std::optional<tenure> keeps;
};

TEST(hook_end, an_instance_whose_root_volume_was_replaced_takes_tasks_again_once_it_is_back) {
  fleet_stage fleet;
  replacing hook(fleet);

  EXPECT_EQ(hook.attend({{{drain_step()}}}).what, verdict::kind::remove);

  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
  EXPECT_TRUE(fleet.logged("instance_state_unread").empty());
}

TEST(hook_end, so_does_one_whose_hook_was_left_to_its_default) {
  fleet_stage fleet;
  replacing hook(fleet);
  hook.to.on_terminate_failure = failure_policy::leave_default;
  auto stuck = drain_step();
  stuck.timeout = 1min;
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);

  EXPECT_EQ(hook.attend({{{stuck}}}).what, verdict::kind::remove);

  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "default");
  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
}

TEST(hook_end, a_drain_whose_action_was_over_within_a_minute_is_undone_when_the_instance_stays_in_service) {
  fleet_stage fleet;
  fleet.furnish(2);
  completing hook(fleet);
  hook.about->instance = fleet.in_service();
  fleet.world.ecs().run_task("prod", "report", hook.about->instance);
  bool accepts = true;
  fleet.wire.instead = [&accepts](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "RecordLifecycleActionHeartbeat") return std::nullopt;
    if (!std::exchange(accepts, false)) return no_active_action();
    return aws::http_response{200, {}, "<RecordLifecycleActionHeartbeatResponse/>"};
  };
  plan_runner steps(hook.to, {{{drain_step()}}}, fleet.services);
  lifecycle_action action(fleet.services, hook.to, steps, nullptr, hook.about, hook.keeps, [](duration) {}, fleet.log);

  const auto end = fleet.time.wait_for(action.attend());

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 2U) << "DRAINING, and ACTIVE again";
  EXPECT_EQ(fleet.world.ecs().instance_status(hook.about->instance), "ACTIVE");
}

TEST(hook_end, what_was_ended_by_the_deadline_keeps_its_outcome) {
  fleet_stage fleet;
  fleet.furnish();
  completing hook(fleet);
  hook.to.deadline = 50s;
  plan_runner steps(hook.to, {{{wait_step(10min)}}}, fleet.services);
  lifecycle_action action(fleet.services, hook.to, steps, nullptr, hook.about, hook.keeps, [](duration) {}, fleet.log);

  const auto end = fleet.time.wait_for(action.attend());

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.how, outcome::timeout);
  EXPECT_EQ(fleet.outcomes_of("hook_ended"), std::vector<std::string>{"timeout"});
}

}  // namespace
}  // namespace lifehook::handlers
