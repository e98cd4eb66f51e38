#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Holds the event open: `for` a time counted from the event itself, so that repeats and other workers do not wait anew;
// for a time `after` the steps before it; until a time `before` what was announced starts.
step_kind wait_kind();

}  // namespace lifehook::handlers
