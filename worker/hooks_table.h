#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

namespace lifehook::worker {

// The page /hooks (worker/hooks_page.h) as people read it: an event a line, the nearest deadline first, and below it
// what it waits for. Tolerates what is missing; malformed when it is not such a page.
result<std::string> hooks_table(std::string_view page);

}  // namespace lifehook::worker
