#pragma once

#include "aws/coalescer.h"
#include "handlers/cluster_answers.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace lifehook::handlers {

// How many tasks of one cluster's container instances were told to stop and have not stopped yet (runningTasksCount
// does not count them). Those who ask at once, while the budget is short within a second, are answered together: read
// for each alone, or for the whole cluster where that takes fewer calls; tasks of the whole cluster that have stopped
// are not described again. A task that ECS lists and does not describe is errc::unreachable, never "stopped".
class stopping_count {
 public:
  stopping_count(clock& time, aws::ecs& with, task_group& tasks, std::string cluster, named_by who);

  // not_found: ECS no longer knows the container instance.
  task<result<std::size_t>> of(std::string container_instance);
  std::size_t calls_lately() const;  // of the last count; 0: none was made in the last half minute

 private:
  using counts = std::map<std::string, std::size_t>;  // by container instance
  using answers = std::vector<result<std::size_t>>;

  task<result<answers>> fetch(std::vector<std::string> arns);
  task<result<answers>> count_together(std::vector<std::string> arns);
  task<result<answers>> count_one_by_one(std::vector<std::string> arns);
  task<result<counts>> count(std::string container_instance);  // empty: of the whole cluster
  task<result<std::vector<aws::ecs_task>>> describe(std::vector<std::string> tasks);
  void note_listed(const std::vector<std::string>& tasks);
  void note_stopped(const std::vector<aws::ecs_task>& tasks);

  clock& clock_;
  aws::ecs& ecs_;
  std::string cluster_;
  named_by named_by_;
  aws::coalescer<std::string, std::size_t> asked_;
  std::size_t pages_ = 1;                // of the last listing of the whole cluster
  std::size_t calls_ = 0;                // of the last count
  duration counted_at_{0};               // uptime
  std::set<std::string> known_stopped_;  // only those the last listing of the whole cluster still showed
};

}  // namespace lifehook::handlers
