#pragma once

#include "handlers/event.h"

#include <string>

namespace lifehook::handlers {

// The body of the message that Auto Scaling would send of a lifecycle action, as far as `about` tells: what `parse`
// reads back. Pure.
std::string hook_message(const event& about);

}  // namespace lifehook::handlers
