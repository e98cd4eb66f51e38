#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// The launch gate: holds the launch until the instance's ECS agent is registered, connected and ACTIVE (with one of its
// registrations), and its targets are healthy. Auto Scaling registers an instance with its group's own target groups
// only once the launch is complete: of those (`target_groups: true`) only registrations that are there already are
// waited for, and one that was deleted is left out; target groups listed by ARN (ECS or a boot script registers there)
// must be there and have it, healthy.
step_kind wait_until_ready_kind();

}  // namespace lifehook::handlers
