#pragma once

#include "aws/limits.h"
#include "base/async.h"
#include "base/error.h"
#include "handlers/event.h"
#include "state/store.h"

#include <string>

namespace lifehook::handlers {

class step_context;

// How long is noted what was taken for an event's sake: three days, for no event takes longer than the longest
// lifecycle action, and some time in its queue. But a scheduled change may come again until it is over, and AWS Health
// tells of it about two weeks ahead.
constexpr duration longest_noted = std::chrono::hours(24 * 21);
constexpr duration noted_for(event_kind of) {
  return of == event_kind::scheduled_change ? longest_noted : aws::longest_lifecycle_action + std::chrono::hours(24);
}

// Which Auto Scaling group an instance was in when something was taken for its sake, or it was detached: Auto Scaling
// forgets one that has ended or left, but its message may come again, or another of it, and there may be more to do for
// it, or to give back. For three weeks: what was detached for a recommendation may live on for long.
task<result<std::string>> note_group(step_context& in);
// Empty: neither is known of it.
task<result<std::string>> noted_group(state::store& in, std::string instance);

}  // namespace lifehook::handlers
