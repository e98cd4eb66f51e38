#pragma once

#include "handlers/group.h"
#include "worker/config_reader.h"

namespace lifehook::worker {

// Reads `groups`: each with a name of its own, something to match by, and at least one list of steps.
std::vector<handlers::group> read_groups(config_reader& in, const written& at);

}  // namespace lifehook::worker
