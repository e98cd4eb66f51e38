#pragma once

#include "handlers/ecs_cluster_view.h"
#include "handlers/step.h"

#include <string>
#include <vector>

namespace lifehook::handlers {

// Stops the tasks on container instances that no service would move. One that ECS does not stop is logged, and left to
// the next time.
task<result<>> stop_standalone(step_context& in, ecs_cluster_view& cluster, std::vector<std::string> arns);

}  // namespace lifehook::handlers
