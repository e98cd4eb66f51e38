#pragma once

#include "handlers/open_hook.h"
#include "handlers/patience.h"

#include <string>

namespace lifehook::handlers {

// What Auto Scaling says now of an instance's lifecycle state; what the states mean: lifecycle_state.h.

// Empty when it does not know the instance. Asks until it answers.
task<std::string> lifecycle_state(step_services& with, std::string instance, tenure& keeps, resting rests, logger log);

// The same of an instance that its launch event says comes from its warm pool. Where the list still shows it at rest
// there, and may lag, it is asked for again.
task<std::string> state_after_pool(open_hook& of);

}  // namespace lifehook::handlers
