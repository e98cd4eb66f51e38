#pragma once

#include "handlers/event.h"

#include <boost/json/object.hpp>

#include <string_view>

namespace lifehook::handlers {

// As AWS writes the transition of a hook event: "autoscaling:EC2_INSTANCE_TERMINATING".
std::string_view transition_of(event_kind kind);

// Reads a lifecycle action: the whole body when Auto Scaling sent it itself, the `detail` when EventBridge did. Sets
// what it says of the action; the envelope's fields are its caller's. NotificationMetadata is never kept. malformed
// without the four names or with a transition we do not know.
result<event> parse_lifecycle_action(const boost::json::object& action);

}  // namespace lifehook::handlers
