#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Records the launching instance's group as its service's current one: the newest event time wins, atomically across
// replicas. A launch into a warm pool does not serve yet: skipped.
step_kind track_current_group_kind();

}  // namespace lifehook::handlers
