#pragma once

#include "aws/autoscaling.h"

#include <functional>

namespace lifehook::handlers {

class step_context;

// How many of a group's instances are in service. Pure, as the next.
int in_service(const aws::scaling_group& group);

// How many of desired capacity's are there and not on their way out, those that are being launched among them. What
// stands by, or is in the warm pool, is not of it.
int staying(const aws::scaling_group& group);

// Whether the event's instance is in its group and not on its way out of it, as Auto Scaling knows it.
task<result<bool>> ask_for_member(step_context& in);

// After a change of the event's group, under its lock: until Auto Scaling's list shows it, for a few seconds at most.
// Else who is next counts by what was before.
task<> until_shown(step_context& in, std::function<bool(const aws::scaling_group&)> is_shown);

}  // namespace lifehook::handlers
