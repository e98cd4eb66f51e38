#pragma once

#include "aws/coalescer.h"
#include "handlers/cluster_answers.h"
#include "handlers/cluster_tasks.h"

#include <string>
#include <vector>

namespace lifehook::handlers {

// How many tasks of one cluster's container instances were told to stop and have not stopped yet (runningTasksCount
// does not count them). Those who ask within a second are answered together, as cluster_tasks reads them.
class stopping_count {
 public:
  stopping_count(clock& time, aws::ecs& with, task_group& tasks, std::string cluster, named_by who);

  // not_found: ECS no longer knows the container instance.
  task<result<std::size_t>> of(std::string container_instance);
  std::size_t calls_lately() const { return stopping_.calls_lately(); }

 private:
  task<result<std::vector<result<std::size_t>>>> fetch(std::vector<std::string> arns);

  named_by named_by_;
  cluster_tasks stopping_;
  aws::coalescer<std::string, std::size_t> asked_;
};

}  // namespace lifehook::handlers
