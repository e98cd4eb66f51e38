#include "handlers/drain_tasks.h"

#include "handlers/services.h"

#include <algorithm>
#include <iterator>

namespace lifehook::handlers {

namespace {

task<> stop(step_context& in, ecs_cluster_view& cluster, aws::ecs_task what) {
  in.log().info(what.of_service() ? "stopping_remaining_task" : "stopping_standalone_task",
                {{"task", what.arn}, {"task_group", what.group}});
  const auto stopped = co_await in.ask("stopping a task", [&] {
    return in.services().ecs[in.haste()].stop_task(cluster.name(), what.arn,
                                                   "lifehook: its instance " + in.about().instance + " is ending");
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
  for (const auto& each : *tasks) {
    if (each.of_service() && which != tasks_to_stop::all) continue;
    co_await stop(in, cluster, each);
  }
  co_return result<>();
}

}  // namespace lifehook::handlers
