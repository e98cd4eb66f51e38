#include "handlers/drain_reason.h"

#include "base/time_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::handlers {

namespace {

constexpr std::string_view service_prefix = "service:";

// Whether the newest of a service's events about placement says that a task cannot be placed.
const std::string* placement_failure(const aws::ecs_service& of) {
  for (const auto& text : of.recent_events) {
    if (text.find("unable to place a task") != std::string::npos) return &text;
    if (text.find("has reached a steady state") != std::string::npos) return nullptr;
  }
  return nullptr;
}

bool cannot_move(const aws::ecs_service& of) {
  return of.scheduling_strategy != "DAEMON" && of.minimum_healthy_percent >= 100 && of.maximum_percent <= 100;
}

std::string what_stops_it(const std::optional<time_point>& stops_at) {
  if (!stops_at) return "set standalone_tasks: stop to stop it";
  return fmt::format("it is stopped at {} (stop_after)", to_rfc3339(*stops_at));
}

}  // namespace

std::optional<drain_reason> reason_of(const drain_facts& facts) {
  if (!facts.agent_connected)
    return drain_reason{outcome::agent_disconnected,
                        "the ECS agent of the instance is not connected: its tasks cannot be told to stop"};
  for (const auto& task : facts.tasks)
    if (!task.of_service())
      return drain_reason{outcome::standalone_task,
                          fmt::format("task {} ({}) belongs to no service, so ECS does not move it; {}", task.arn,
                                      task.group, what_stops_it(facts.stops_at))};
  if (!facts.protected_tasks.empty())
    return drain_reason{outcome::protected_task,
                        fmt::format("task {} has scale-in protection", facts.protected_tasks.front())};
  for (const auto& service : facts.services)
    if (cannot_move(service))
      return drain_reason{outcome::max_100,
                          fmt::format("service {} has minimumHealthyPercent and maximumPercent 100, which lets ECS "
                                      "neither stop nor start a task; raise maximumPercent",
                                      service.name)};
  for (const auto& service : facts.services)
    if (const auto* text = placement_failure(service)) return drain_reason{outcome::no_capacity, *text};
  return std::nullopt;
}

std::vector<std::string> services_of(const std::vector<aws::ecs_task>& tasks) {
  std::vector<std::string> names;
  for (const auto& task : tasks)
    if (task.group.starts_with(service_prefix)) names.push_back(task.group.substr(service_prefix.size()));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace lifehook::handlers
