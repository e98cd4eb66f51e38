#pragma once

#include "base/clock.h"

// Limits of time that AWS sets, in one place, each with its source in words. What we choose within them stands where it
// is chosen.
namespace lifehook::aws {

// SQS, ChangeMessageVisibility: VisibilityTimeout is 0 to 43200 seconds, and a message stays invisible for twelve hours
// from its receive at most, however often it is extended.
constexpr duration longest_invisible = std::chrono::hours(12);

// Auto Scaling, PutLifecycleHook: HeartbeatTimeout is 30 to 7200 seconds.
constexpr duration shortest_heartbeat_timeout = std::chrono::seconds(30);
constexpr duration longest_heartbeat_timeout = std::chrono::hours(2);

// Auto Scaling, "lifecycle hooks": an instance stays in a wait state for 48 hours or 100 times the heartbeat timeout,
// whichever is less, however many heartbeats it is sent.
constexpr duration longest_lifecycle_action = std::chrono::hours(48);
constexpr int most_heartbeat_timeouts = 100;

}  // namespace lifehook::aws
