#pragma once

#include "simulator/ecs_records.h"

namespace lifehook::simulator {

// A task as ECS shows it: to callers of its API, and to EventBridge, which has other times and attachments.
enum class task_form { api, event };
boost::json::object write_task(const account& owner, const ecs_task& each, task_form form);

// "ECS Task State Change" as EventBridge sends it now.
std::string task_event(const account& owner, const ecs_task& each, time_point now, std::string event_id);

}  // namespace lifehook::simulator
