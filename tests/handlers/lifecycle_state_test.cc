#include "handlers/lifecycle_state.h"

#include <gtest/gtest.h>

#include <string>

namespace lifehook::handlers {
namespace {

struct meaning {
  std::string_view state,
      is;  // h: may be held, p: past its hooks, s: serves, l: leaves, x: spare, r: replaced, w: to pool
};

// All that AWS documents.
constexpr meaning states[] = {
    {"Pending", "h"},
    {"Pending:Wait", "h"},
    {"Pending:Proceed", ""},
    {"InService", "hs"},
    {"EnteringStandby", "hx"},
    {"Standby", "hsx"},
    {"Detaching", "hl"},
    {"Detached", "hl"},
    {"Terminating", "hl"},
    {"Terminating:Wait", "hl"},
    {"Terminating:Proceed", "pl"},
    {"Terminating:Retained", "hl"},
    {"Terminated", "pl"},
    {"ReplacingRootVolume", "hr"},
    {"ReplacingRootVolume:Wait", "hr"},
    {"ReplacingRootVolume:Proceed", "r"},
    {"RootVolumeReplaced", "hr"},
    {"Warmed:Pending", "hxw"},
    {"Warmed:Pending:Wait", "hxw"},
    {"Warmed:Pending:Proceed", "xw"},
    {"Warmed:Pending:Retained", "hxw"},
    {"Warmed:Terminating", "hx"},
    {"Warmed:Terminating:Wait", "hx"},
    {"Warmed:Terminating:Proceed", "x"},
    {"Warmed:Terminating:Retained", "hx"},
    {"Warmed:Terminated", "x"},
    {"Warmed:Stopped", "hx"},
    {"Warmed:Running", "hx"},
    {"Warmed:Hibernated", "hx"},
    {"", ""},
};

TEST(lifecycle_state, each_means_what_the_table_says) {
  for (const auto& [state, is] : states) {
    std::string found;
    if (may_be_held(state)) found += 'h';
    if (is_past_its_hooks(state)) found += 'p';
    if (serves(state)) found += 's';
    if (is_leaving(state)) found += 'l';
    if (is_spare(state)) found += 'x';
    if (is_being_replaced(state)) found += 'r';
    if (goes_to_warm_pool(state)) found += 'w';
    EXPECT_EQ(found, is) << state;
  }
}

TEST(lifecycle_state, an_instance_is_before_its_transition_where_a_list_may_still_lag) {
  EXPECT_TRUE(before_transition(event_kind::launching, std::nullopt));
  EXPECT_FALSE(before_transition(event_kind::terminating, std::nullopt));
  EXPECT_TRUE(before_transition(event_kind::launching, "Warmed:Stopped"));
  EXPECT_TRUE(before_transition(event_kind::terminating, "InService"));
  EXPECT_FALSE(before_transition(event_kind::launching, "InService"));
}

}  // namespace
}  // namespace lifehook::handlers
