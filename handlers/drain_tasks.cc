#include "handlers/drain_tasks.h"

#include "base/within.h"
#include "handlers/services.h"
#include "handlers/task_tags.h"

#include <algorithm>
#include <iterator>

namespace lifehook::handlers {

namespace {

using namespace std::chrono_literals;

constexpr duration tags_last = 2h;       // as long as ECS tells of a stopped task, and more
constexpr duration longest_noting = 5s;  // of all of them: they are stopped all the same

bool is_run_again(const step_services& with) {
  const auto& groups = with.groups;
  return std::any_of(groups.begin(), groups.end(),
                     [](const auto& each) { return each.plan_for(event_kind::task_stopped) != nullptr; });
}

task<result<bool>> note_tags(step_context& in, std::string cluster, std::string arn) {
  const auto found = co_await in.services().runner[in.haste()].describe(std::move(cluster), arn);
  if (found.has_error()) co_return found.error();
  if (!*found || (*found)->tags.empty()) co_return false;
  co_return co_await in.services().state.write_spare_note(tags_key(arn), tags_text(**found), tags_last);
}

task<result<>> note_all_tags(step_context& in, std::string cluster, const std::vector<aws::ecs_task>& tasks) {
  for (const auto& each : tasks) {
    if (each.of_service()) continue;
    const auto noted = co_await note_tags(in, cluster, each.arn);
    if (noted.has_error()) in.log().warn("task_tags_not_noted", {{"task", each.arn}, {"error", noted.error().what()}});
  }
  co_return result<>();
}

task<> stop(step_context& in, ecs_cluster_view& cluster, aws::ecs_task what, bool is_last_resort) {
  in.log().write(is_last_resort ? log_level::warn : log_level::info,
                 is_last_resort ? "stopping_remaining_task" : "stopping_standalone_task",
                 {{"task", what.arn}, {"task_group", what.group}});
  const auto stopped = co_await in.ask("stopping a task", [&] {
    return in.services().ecs[in.haste()].stop_task(cluster.name(), what.arn,
                                                   std::string(stopped_by_drain) + in.about().instance + " is ending");
  });
  if (stopped.has_error() && stopped.error().code() != errc::not_found)
    in.log().warn("stopping_task_failed", {{"task", what.arn}, {"error", stopped.error().what()}});
}

task<result<std::vector<aws::ecs_task>>> remaining_tasks(step_context& in, ecs_cluster_view& cluster,
                                                         std::vector<std::string> arns) {
  std::vector<aws::ecs_task> tasks;
  for (const auto& arn : arns) {
    auto running = co_await in.ask("listing tasks", [&] { return cluster.running_tasks(arn, in.haste()); });
    if (running.has_error()) co_return std::move(running).error();
    std::move(running->begin(), running->end(), std::back_inserter(tasks));
  }
  co_return tasks;
}

}  // namespace

task<result<>> stop_tasks(step_context& in, ecs_cluster_view& cluster, std::vector<std::string> arns,
                          tasks_to_stop which) {
  const auto tasks = co_await remaining_tasks(in, cluster, std::move(arns));
  if (tasks.has_error()) co_return tasks.error();
  if (is_run_again(in.services())) {
    const auto noted = co_await within(in.services().time, longest_noting, note_all_tags(in, cluster.name(), *tasks));
    if (noted.has_error()) in.log().warn("task_tags_not_noted", {{"error", noted.error().what()}});
  }
  for (const auto& each : *tasks) {
    if (each.of_service() && which != tasks_to_stop::all) continue;
    co_await stop(in, cluster, each, which == tasks_to_stop::all);
  }
  co_return result<>();
}

}  // namespace lifehook::handlers
