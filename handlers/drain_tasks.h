#pragma once

#include "handlers/ecs_cluster_view.h"
#include "handlers/step.h"

#include <string>
#include <vector>

namespace lifehook::handlers {

enum class tasks_to_stop { none, standalone, all };  // standalone: what no service would move

// Stops tasks on container instances. One that ECS does not stop is logged, and left to the next time.
task<result<>> stop_tasks(step_context& in, ecs_cluster_view& cluster, std::vector<std::string> arns,
                          tasks_to_stop which);

}  // namespace lifehook::handlers
