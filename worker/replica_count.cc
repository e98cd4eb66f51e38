#include "worker/replica_count.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::worker {

int workers_of(const aws::ecs_service& service) { return std::max({1, service.desired_count, service.running_count}); }

std::string service_of(const aws::ecs_task& task) { return std::string(aws::service_of_group(task.group)); }

task<result<>> replica_count::find_service() {
  auto own = co_await aws::read_own_task(wire_, env_);
  if (own.has_error()) co_return std::move(own).error();
  if (own->service.empty()) {
    const auto known = co_await ecs_.describe_tasks(own->cluster, {own->arn});
    if (known.has_error()) co_return known.error();
    if (!known->found.empty()) own->service = service_of(known->found.front());
  }
  if (own->service.empty())
    co_return error{errc::not_found, fmt::format("task {} belongs to no service", own->arn), {}};
  task_ = *std::move(own);
  co_return result<>();
}

task<result<int>> replica_count::read() {
  if (task_.service.empty()) {
    const auto found = co_await find_service();
    if (found.has_error()) co_return found.error();
  }
  const auto known = co_await ecs_.describe_services(task_.cluster, {task_.service});
  if (known.has_error()) co_return known.error();
  if (known->empty())
    co_return error{errc::not_found, fmt::format("ECS knows no service {} in {}", task_.service, task_.cluster), {}};
  co_return workers_of(known->front());
}

}  // namespace lifehook::worker
