#pragma once

#include "worker/config_steps.h"

namespace lifehook::worker {

// Complains of how long the steps of a list are to wait or take: longer than the group's deadline leaves for the event,
// than the instance lives, or than what another step raised is kept; and of a timeout that ends a step while it waits.
void check_limits(config_reader& in, const written_list& list, handlers::event_kind of, duration deadline);

}  // namespace lifehook::worker
