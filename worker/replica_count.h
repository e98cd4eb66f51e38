#pragma once

#include "aws/ecs.h"
#include "aws/environment.h"
#include "aws/http_transport.h"
#include "aws/task_metadata.h"

#include <optional>
#include <string>

namespace lifehook::worker {

// How many workers there are, as the ECS service says which this one runs in. Which service that is is found once: the
// task metadata endpoint tells the task and, where its agent is new enough, the service; else DescribeTasks does.
class replica_count {
 public:
  replica_count(aws::http_transport& wire, aws::environment env, aws::ecs& with)
      : wire_(wire), env_(std::move(env)), ecs_(with) {}

  // not_found: this is no ECS task, its task belongs to no service, or ECS does not know the service.
  task<result<int>> read();
  const std::string& service() const { return task_.service; }  // empty until it is known

 private:
  task<result<>> find_service();

  aws::http_transport& wire_;
  aws::environment env_;
  aws::ecs& ecs_;
  aws::own_task task_;
};

// The workers of a service, pure: those that run and those that will, at least this one. During a deployment more run
// than are desired.
int workers_of(const aws::ecs_service& service);

// The service of a task, pure; empty: it belongs to none.
std::string service_of(const aws::ecs_task& task);

}  // namespace lifehook::worker
