#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Takes an interrupted instance, with its registered ports, out of all target groups of its Auto Scaling group and of
// those listed, side by side; of a task its IP address, out of those of its service. One target group's error leaves
// the others: it is reported, and ends the step as failed only where nothing could be deregistered.
step_kind deregister_targets_kind();

}  // namespace lifehook::handlers
