#pragma once

#include "handlers/event.h"

#include <optional>
#include <string_view>

namespace lifehook::handlers {

// What Auto Scaling's lifecycle states mean ("Terminating:Wait"). Pure.

// Whether the instance is in a `:Wait` state that this transition's hooks hold open.
bool waits(event_kind transition, std::string_view lifecycle_state);
// The same, or on its way into it.
bool of_transition(event_kind transition, std::string_view lifecycle_state);
// What a list that lags may still show of an instance whose transition has begun; nullopt: it knows no such instance. A
// launch it may not know at all.
bool before_transition(event_kind transition, std::optional<std::string_view> lifecycle_state);
// Whether a hook may still hold it, or come to hold it, for all that this tells; an instance that is not known (empty)
// none does.
bool may_be_held(std::string_view lifecycle_state);
// Whether it ends, and no hook holds it any more. Not of one that ends in its warm pool.
bool is_past_its_hooks(std::string_view lifecycle_state);

bool serves(std::string_view lifecycle_state);             // it does, or will again without being launched
bool is_leaving(std::string_view lifecycle_state);         // its group: it ends, or is being detached
bool is_spare(std::string_view lifecycle_state);           // in its group, and beside the desired capacity
bool is_being_replaced(std::string_view lifecycle_state);  // its root volume: it comes back
bool goes_to_warm_pool(std::string_view lifecycle_state);

}  // namespace lifehook::handlers
