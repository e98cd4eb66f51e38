#pragma once

#include "simulator/autoscaling_groups.h"

namespace lifehook::simulator {

// The sentences Auto Scaling puts into the cause of an activity, without their "At 2026-03-02T10:15:30Z". AWS's own
// words as people have recorded them; of max_lifetime and rebalance no record was found, so these two are worded alike.

// That the desired capacity changed: of the causes that change it.
std::string desired_changed(ending_cause why, const scaling_group& group, int before, int after);
std::string policy_triggered(std::string_view group, std::string_view policy, int before, int after);
// That an instance leaves to be replaced: of the causes that do not.
std::string_view taken_out(ending_cause why);
bool changes_desired(ending_cause why);

}  // namespace lifehook::simulator
