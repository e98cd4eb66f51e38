#pragma once

#include <cstdint>
#include <string_view>

namespace lifehook::handlers {

// How far the work on an event in hand has come: told to who asks, and decides nothing.
enum class work_stage : std::uint8_t {
  routing,         // whose it is
  joined,          // another message of the same work is in hand
  steps,           // its list runs
  between_tries,   // its list failed, and is run again
  completing,      // the hook
  awaits_default,  // heartbeats have stopped, the hook ends by its timer
  ended,           // the hook: whether its instance comes back is seen to
  giving_back,     // what was taken for the event's time
  awaits_return,   // of an instance that is rebooted
  requeueing,
};

std::string_view name(work_stage of);
// What is waited for then, for people; empty where it needs no saying.
std::string_view explain(work_stage of);

}  // namespace lifehook::handlers
