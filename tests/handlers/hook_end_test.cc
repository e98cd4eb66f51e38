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
  bool launches;    // on the way into, or in, a wait of a launching hook
  bool terminates;  // the same of a terminating hook
};
constexpr std::array<state_row, 22> states{{{"Pending", true, false},
                                            {"Pending:Wait", true, false},
                                            {"Pending:Proceed", false, false},
                                            {"Quarantined", false, false},
                                            {"InService", false, false},
                                            {"Terminating", false, true},
                                            {"Terminating:Wait", false, true},
                                            {"Terminating:Proceed", false, false},
                                            {"Terminating:Retained", false, false},
                                            {"Terminated", false, false},
                                            {"Detaching", false, false},
                                            {"Standby", false, false},
                                            {"Warmed:Pending", true, true},
                                            {"Warmed:Pending:Wait", true, true},
                                            {"Warmed:Pending:Proceed", false, false},
                                            {"Warmed:Stopped", false, false},
                                            {"Warmed:Terminating", false, true},
                                            {"Warmed:Terminating:Wait", false, true},
                                            {"Warmed:Terminating:Proceed", false, false},
                                            {"ReplacingRootVolume", false, true},
                                            {"ReplacingRootVolume:Wait", false, true},
                                            {"RootVolumeReplaced", false, false}}};

no_action meaning(event_kind transition, std::string_view state) { return meaning_of({transition, false, 3s, state}); }

TEST(hook_end, no_active_action_means_not_yet_only_on_the_way_into_a_wait_of_the_transition) {
  for (const auto& row : states) {
    EXPECT_EQ(meaning(event_kind::launching, row.state) == no_action::not_yet, row.launches) << row.state;
    EXPECT_EQ(meaning(event_kind::terminating, row.state) == no_action::not_yet, row.terminates) << row.state;
  }
}

TEST(hook_end, an_instance_waits_only_in_a_wait_state_of_the_transition) {
  for (const auto& row : states) {
    const bool in_wait = row.state.ends_with(":Wait");
    EXPECT_EQ(waits(event_kind::launching, row.state), in_wait && row.launches) << row.state;
    EXPECT_EQ(waits(event_kind::terminating, row.state), in_wait && row.terminates) << row.state;
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

TEST(hook_end, an_instance_that_auto_scaling_does_not_know_is_over) {
  EXPECT_EQ(meaning_of({event_kind::terminating, false, 3s, std::nullopt}), no_action::over);
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
  explicit completing(fleet_stage& on) : fleet(on), about(on.begin_termination()), keeps(on.terms()) {
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
