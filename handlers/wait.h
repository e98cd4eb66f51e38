#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Holds the event open for a time counted from the event itself, so that repeats and other workers do not wait anew.
step_kind wait_kind();

}  // namespace lifehook::handlers
