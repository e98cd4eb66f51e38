#pragma once

#include "aws/autoscaling.h"
#include "handlers/event.h"

#include <span>
#include <string_view>

namespace lifehook::handlers {

// The first of a group's activities, newest first, that launches or ends an instance; null: none does. What has more to
// say says it after the id ("Terminating EC2 instance: i-0a - Waiting For ELB Connection Draining."). Pure.
const aws::scaling_activity* activity_of(event_kind kind, std::string_view instance,
                                         std::span<const aws::scaling_activity> newest_first);

}  // namespace lifehook::handlers
