#pragma once

#include "aws/ecs_run.h"

#include <optional>
#include <string>
#include <string_view>

namespace lifehook::handlers {

// A task's network as it is noted in the state while its interface exists: ECS tells a task's subnet, never its
// security groups.
std::string to_text(const aws::task_network& of);
std::optional<aws::task_network> read_task_network(std::string_view text);  // nullopt: not ours
std::string network_key(std::string_view task_arn);

}  // namespace lifehook::handlers
