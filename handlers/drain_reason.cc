#include "handlers/drain_reason.h"

#include "base/time_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::handlers {

namespace {

bool says(const std::string& event, std::string_view words) { return event.find(words) != event.npos; }

bool does_not_come_up(const std::string& event) {
  return says(event, "unable to consistently start tasks successfully") ||
         says(event, "is unhealthy in (target-group") || says(event, "failed container health checks");
}

// What a service's events since its last steady state say that keeps it from moving a task: the newest. A task that
// cannot be placed cannot be started consistently either, and is the better reason.
std::optional<drain_reason> failure_to_move(const aws::ecs_service& of) {
  std::optional<drain_reason> found;
  for (const auto& event : of.recent_events) {
    if (says(event, "has reached a steady state")) break;
    if (says(event, "unable to place a task") && (!found || says(found->text, "unable to consistently start")))
      return drain_reason{outcome::no_capacity, event};
    if (!found && does_not_come_up(event))
      found = drain_reason{outcome::no_replacement, "what is to replace a task does not come up: " + event};
  }
  return found;
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
    if (auto failure = failure_to_move(service)) return failure;
  return std::nullopt;
}

std::vector<std::string> services_of(const std::vector<aws::ecs_task>& tasks) {
  std::vector<std::string> names;
  for (const auto& task : tasks)
    if (aws::is_service_group(task.group)) names.emplace_back(aws::service_of_group(task.group));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace lifehook::handlers
