#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Runs a standalone ECS task again once it has stopped, unless its essential containers exited with 0: with the same
// definition, overrides, placement, network and tags. The attempt is counted in a tag; the client token follows from
// task and attempt. A task's security groups can only be read while its network interface exists: the step hears of
// every standalone task that begins to run, and notes them in the state, where they make room for what is needed more.
step_kind rerun_task_kind();

}  // namespace lifehook::handlers
