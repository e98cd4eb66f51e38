#pragma once

#include "aws/autoscaling.h"
#include "handlers/group.h"
#include "handlers/step.h"
#include "state/history.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

// The Auto Scaling group that was the current one of its service at a time: the one that had launched last, or, created
// later than that launch and with instances already, the newest created one: its launch has only not been told yet.
// With nothing recorded the newest created one. Empty: there is none. Pure.
std::string current_at(const state::history& turns, const std::vector<aws::scaling_group>& of_service, time_point when);

// Those of the Auto Scaling groups whose event of this kind and hook would come to the service: the first configured
// group that matches wins here as well. Pure.
std::vector<aws::scaling_group> groups_of(const group& service, std::span<const group> configured, const event& about,
                                          const std::vector<aws::scaling_group>& all);

// The history without the turns of groups that are not the service's by their name: a table that two deployments share
// tells of both where a group of theirs has one name. Pure.
state::history turns_of(const group& service, state::history turns);

// The history without the turns of groups that have been deleted, as after a release that was taken back: whoever was
// current before is so again. A group that launched a minute ago may not be listed yet; `ending`, whose instance it is
// about, has been current for it. Pure.
state::history without_deleted(state::history turns, const std::vector<aws::scaling_group>& of_service,
                               std::string_view ending, time_point now);

// Reads state and Auto Scaling; outages are waited out.
task<result<std::string>> current_group(step_context& in, time_point when);

}  // namespace lifehook::handlers
