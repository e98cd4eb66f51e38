#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Detaches an instance from its group without decrement, so that load balancers drain it and the group launches a
// replacement. Where fewer than `min_in_service` are in service the desired capacity is raised to it first, and `wait`
// bounds how long the detaching waits for them. Already detached, or gone, is done.
step_kind detach_instance_kind();

}  // namespace lifehook::handlers
