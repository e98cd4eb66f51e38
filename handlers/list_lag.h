#pragma once

#include "base/clock.h"

namespace lifehook::handlers {

// How far what Auto Scaling says may lag behind the messages it sends: its lists of instances and groups, and the
// lifecycle actions it knows. AWS says "eventually consistent" and names no bound: the minute is ours.
constexpr duration list_lag = std::chrono::minutes(1);

}  // namespace lifehook::handlers
