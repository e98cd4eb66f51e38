#pragma once

#include "base/clock.h"

namespace lifehook::handlers {

// How far what Auto Scaling says may lag behind the messages it sends: its lists of instances and groups, and the
// lifecycle actions it knows. AWS says "eventually consistent" and names no bound: the minute is ours.
constexpr duration list_lag = std::chrono::minutes(1);
// What it may show late is looked at again so soon.
constexpr duration look_past_lag = std::chrono::seconds(2);

}  // namespace lifehook::handlers
