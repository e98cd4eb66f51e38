#pragma once

#include "aws/ecs.h"
#include "aws/haste.h"
#include "base/clock.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace lifehook::handlers {

// What ECS wants of a task.
enum class meant_to { run, stop };

// The tasks of one cluster's container instances that ECS means to run, or has told to stop, and that have not stopped.
// Read for many who ask together: listed for each instance alone and described by full calls, or listed for the whole
// cluster where that takes fewer; told-to-stop tasks of the whole cluster that have stopped are not described again.
// Nothing is kept of a task that is shown: a cluster may have fifty thousand. A task that ECS lists and does not
// describe is errc::unreachable, never "stopped": to its own instance, or where that is not known, to all.
class cluster_tasks {
 public:
  using visitor = std::function<void(std::size_t place, const aws::ecs_task& task)>;
  struct reading {
    std::vector<result<>> answers;  // in the order of the question; not_found: ECS no longer knows the instance
    std::size_t calls = 0;
  };

  cluster_tasks(clock& time, aws::by_haste<aws::ecs> with, std::string cluster, meant_to what);

  // Shows every task with the place of its container instance in the question. An error: of none was read.
  task<result<reading>> read(std::vector<std::string> container_instances, visitor show,
                             aws::haste how = aws::haste::usual);
  std::size_t calls_lately() const;  // of the last reading, or more; 0: none in the last half minute
  // Whether another reading beside those under way takes few calls; of a cluster not yet listed one more is tried.
  bool is_small() const { return is_sized_ ? calls_lately() <= few_calls : under_way_ < 2; }

 private:
  class round;
  static constexpr std::size_t few_calls = 4;

  task<bool> is_less_together(std::size_t instances, aws::haste how);
  task<> ask_size(aws::haste how);
  std::size_t descriptions() const { return what_ == meant_to::stop ? 1 : pages_; }
  bool is_known_stopped(const std::string& task) const { return known_stopped_.contains(task); }
  void note_calls(std::size_t count);
  void note_listed(const std::vector<std::string>& tasks);

  clock& clock_;
  aws::by_haste<aws::ecs> ecs_;
  std::string cluster_;
  meant_to what_;
  // Whether the whole cluster is listed, or each instance. All times are uptimes.
  std::size_t pages_ = 1;  // of a listing of the whole cluster
  bool is_sized_ = false;  // it was listed once
  duration sized_until_{0};
  duration alone_until_{0};              // a listing of the whole cluster had a task that was not described
  std::set<std::string> known_stopped_;  // only those the last listing of the whole cluster still showed

  // What that took lately.
  std::size_t calls_ = 0;  // of the last reading
  duration read_at_{0};
  std::size_t under_way_ = 0;  // readings
};

}  // namespace lifehook::handlers
