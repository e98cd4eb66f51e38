#pragma once

#include "handlers/event.h"

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

// Not yet: never accepted, younger than 60 s, and the instance on its way into or in a wait of this transition. A state
// one step before `:Wait` counts, because that list is itself eventually consistent. Anything else means over.
no_action meaning_of(const no_action_facts& facts);

// Whether the instance is in a `:Wait` state that this transition's hooks hold open.
bool waits(event_kind transition, std::string_view lifecycle_state);

}  // namespace lifehook::handlers
