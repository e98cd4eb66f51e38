#pragma once

#include "handlers/event.h"

#include <boost/json/object.hpp>

namespace lifehook::handlers {

// Reads a lifecycle action: the whole body when Auto Scaling sent it itself, the `detail` when EventBridge did. Sets
// what it says of the action; the envelope's fields are its caller's. NotificationMetadata is never kept. malformed
// without the four names or with a transition we do not know.
result<event> parse_lifecycle_action(const boost::json::object& action);

}  // namespace lifehook::handlers
