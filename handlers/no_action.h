#pragma once

#include "handlers/event.h"
#include "handlers/lifecycle_state.h"

#include <optional>
#include <string_view>

namespace lifehook::handlers {

// What "No active Lifecycle Action found" means: AWS sends the same text for an action that is over and for one it has
// not caught up with.
enum class no_action { over, not_yet };

struct no_action_facts {
  event_kind transition = event_kind::terminating;
  bool call_accepted = false;  // heartbeat or completion, for this token, by this worker
  duration event_age{};
  std::optional<std::string_view> lifecycle_state;  // as Auto Scaling knows the instance; nullopt: it does not
};

// Whether the answer depends on the instance's state at all; if not, spare the call.
bool needs_lifecycle_state(const no_action_facts& facts);

// Not yet: never accepted, younger than 60 s, and the instance before, on its way into, or in a wait of this
// transition: that list is itself eventually consistent, and may lag by as much. Anything else means over.
no_action meaning_of(const no_action_facts& facts);

// Whether the steps of a hook may begin though AWS has accepted no call for it: a message proves nothing by itself, and
// a drain of an instance in service is not undone by itself.
enum class may_begin { yes, not_yet, never };

struct unproven_facts {
  event_kind transition = event_kind::terminating;
  duration event_age{};
  bool rejected = false;  // AWS refuses the call for good, with other words than "No active Lifecycle Action"
  std::optional<std::string_view> lifecycle_state;  // nullopt: Auto Scaling did not answer; empty: it knows none
};

// Yes: the instance is in the wait, or the event is a minute old and nothing is known that speaks against it.
may_begin may_begin_with(const unproven_facts& facts);

}  // namespace lifehook::handlers
