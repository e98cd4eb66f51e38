#pragma once

#include "aws/autoscaling.h"
#include "handlers/event.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

// The first of a group's activities, newest first, that launches or ends an instance; null: none does. What has more to
// say says it after the id ("Terminating EC2 instance: i-0a - Waiting For ELB Connection Draining."). Pure.
const aws::scaling_activity* activity_of(event_kind kind, std::string_view instance,
                                         std::span<const aws::scaling_activity> newest_first);

// A group's activities, newest first, page by page: `see` takes one and says whether to go on. Back to those that began
// before `since`, five thousand at most. Errors are the call's.
task<result<>> walk_activities(aws::autoscaling& with, std::string group, time_point since,
                               std::function<bool(const std::vector<aws::scaling_activity>&)> see);

}  // namespace lifehook::handlers
