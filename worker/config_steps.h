#pragma once

#include "handlers/event.h"
#include "handlers/settings.h"
#include "worker/config_reader.h"

namespace lifehook::worker {

// Reads the list of steps written for one kind of event, each against its row of the step table: keys, kinds, choices,
// what is required and what contradicts; and no limit of a step beyond `deadline`, which would end the event first.
handlers::plan read_plan(config_reader& in, const written& at, handlers::event_kind kind, duration deadline);

}  // namespace lifehook::worker
