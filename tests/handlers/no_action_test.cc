#include "handlers/no_action.h"

#include "handlers/action_proof.h"
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

TEST(no_action, no_active_action_means_not_yet_until_the_wait_of_the_transition_is_past) {
  for (const auto& row : states) {
    EXPECT_EQ(meaning(event_kind::launching, row.state) == no_action::not_yet, row.launches) << row.state;
    EXPECT_EQ(meaning(event_kind::terminating, row.state) == no_action::not_yet, row.terminates) << row.state;
  }
}

TEST(no_action, steps_begin_unproven_only_in_the_wait_while_the_event_is_young) {
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

TEST(no_action, steps_begin_unproven_after_a_minute_unless_the_instance_is_known_to_be_elsewhere) {
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

TEST(no_action, an_instance_waits_only_in_a_wait_state_of_the_transition) {
  for (const auto& row : states) {
    const bool in_wait = row.state.ends_with(":Wait");
    EXPECT_EQ(waits(event_kind::launching, row.state), in_wait && row.launches) << row.state;
    EXPECT_EQ(waits(event_kind::terminating, row.state), in_wait && row.terminates && row.state != "Pending:Wait")
        << row.state;
  }
}

TEST(no_action, an_action_that_was_accepted_once_is_over_whatever_the_state) {
  const no_action_facts facts{event_kind::terminating, true, 3s, "Terminating:Wait"};

  EXPECT_FALSE(needs_lifecycle_state(facts));
  EXPECT_EQ(meaning_of(facts), no_action::over);
}

TEST(no_action, an_event_of_a_minute_ago_is_over_whatever_the_state) {
  const no_action_facts young{event_kind::terminating, false, 59s, "Terminating:Wait"};
  const no_action_facts old{event_kind::terminating, false, 60s, "Terminating:Wait"};

  EXPECT_TRUE(needs_lifecycle_state(young));
  EXPECT_EQ(meaning_of(young), no_action::not_yet);
  EXPECT_FALSE(needs_lifecycle_state(old));
  EXPECT_EQ(meaning_of(old), no_action::over);
}

TEST(no_action, an_instance_that_auto_scaling_does_not_know_is_over_unless_it_is_being_launched) {
  EXPECT_EQ(meaning_of({event_kind::terminating, false, 3s, std::nullopt}), no_action::over);
  EXPECT_EQ(meaning_of({event_kind::launching, false, 3s, std::nullopt}), no_action::not_yet);
}

TEST(no_action, an_outage_of_the_look_up_decides_nothing) {
  fleet_stage fleet;
  fleet.furnish();
  const auto about = fleet.begin_termination();
  fleet.deny("autoscaling", "DescribeAutoScalingInstances", 1h);

  const auto over = fleet.time.wait_for(is_over(fleet.services, *about, fleet.time.clock.now() - *about->time, false));

  ASSERT_TRUE(over.has_error());
  EXPECT_EQ(over.error().code(), errc::denied);
}

}  // namespace
}  // namespace lifehook::handlers
