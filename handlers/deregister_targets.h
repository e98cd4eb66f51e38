#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Takes an interrupted instance, with its registered ports, out of all target groups of its Auto Scaling group and of
// those listed, side by side; of a task its IP address, out of those of its service. One target group's error leaves
// the others; it is reported, and makes the step's outcome `failed`, but for a target group that was deleted and is
// still named by its Auto Scaling group or service: `gone`. What AWS has definitely refused is not tried again.
step_kind deregister_targets_kind();

}  // namespace lifehook::handlers
