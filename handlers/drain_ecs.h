#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Drains the ECS container instance of an EC2 instance: finds it by filter and verifies it, sets DRAINING, looks until
// no task is running, pending or still stopping: twice in a row where tasks were there, or could still be placed, a
// look ago. Every look reads the truth from AWS, so any worker can go on where another stopped. An unknown or inactive
// cluster is an outage, never "done" (rule 2); only with `clusters: auto` a listed one that is deleted meanwhile is
// passed over.
step_kind drain_ecs_kind();

}  // namespace lifehook::handlers
