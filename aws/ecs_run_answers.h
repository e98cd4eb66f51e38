#pragma once

#include "aws/ecs_run.h"

namespace lifehook::aws {

// Reads the answers of what runs tasks, pure. errc::unreachable for an answer that does not mention what was asked for,
// or that cannot be read: what ECS does not mention has not been answered.
result<std::optional<whole_task>> read_whole_task(const boost::json::object& answer, std::string_view arn);
result<run_answer> read_run(const boost::json::object& answer);
result<std::vector<std::string>> read_essential_containers(const boost::json::object& answer);
result<std::vector<std::string>> read_target_groups(const boost::json::object& answer);

}  // namespace lifehook::aws
