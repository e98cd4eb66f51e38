#pragma once

#include "aws/autoscaling.h"
#include "handlers/group.h"
#include "handlers/step.h"
#include "state/history.h"

#include <string>
#include <vector>

namespace lifehook::handlers {

// The Auto Scaling group that was the current one of its service at a time: the one that had launched last, or, created
// later than that launch and with instances already, the newest created one: its launch has only not been told yet.
// With nothing recorded the newest created one. Empty: there is none. Pure.
std::string current_at(const state::history& turns, const std::vector<aws::scaling_group>& of_service, time_point when);

// Those of the groups that the configured group speaks for.
std::vector<aws::scaling_group> groups_of(const group& service, std::vector<aws::scaling_group> all);

// Reads state and Auto Scaling; outages are waited out.
task<result<std::string>> current_group(step_context& in, time_point when);

}  // namespace lifehook::handlers
