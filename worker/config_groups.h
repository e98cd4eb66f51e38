#pragma once

#include "handlers/group.h"
#include "worker/config_reader.h"

namespace lifehook::worker {

// Reads `groups`: each with a name of its own, something to match by, and at least one list of steps.
std::vector<handlers::group> read_groups(config_reader& in, const written& at);

// Events that may have a list in this version, in the order people read them.
std::span<const handlers::event_kind> configurable_events();

}  // namespace lifehook::worker
