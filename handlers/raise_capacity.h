#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Raises the desired capacity of an interrupted instance's group by one, if within its maximum: once for each instance,
// one raise of a group at a time among all replicas. Gives it back once the replacement is in service, at the latest 20
// s before the interruption: the instance is ended with decrement; had it gone already, desired is lowered by one,
// once, never below the minimum. What is done is noted in the state before AWS is told, and settled by whoever
// comes next (capacity_record), so that a crash in between neither raises nor lowers twice.
step_kind raise_capacity_kind();

}  // namespace lifehook::handlers
