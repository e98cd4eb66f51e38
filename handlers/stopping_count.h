#pragma once

#include "aws/lanes.h"
#include "handlers/cluster_answers.h"
#include "handlers/cluster_tasks.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace lifehook::handlers {

struct stopping_tasks {
  std::size_t count = 0;
  std::string one{};  // of them, and its state: "arn:... is DEACTIVATING"

  bool operator==(std::size_t of) const { return count == of; }
};

// How many tasks of one cluster's container instances were told to stop and have not stopped yet (runningTasksCount
// does not count them). Those who ask at once are answered together, those in haste apart from the others, as
// cluster_tasks reads them. A large cluster takes longer to read than a look may last: who has waited a second is told
// that it is being counted, and the next time it asks by the reading that its question was part of, also where that
// failed.
class stopping_count {
 public:
  stopping_count(clock& time, aws::by_haste<aws::ecs> with, task_group& tasks, std::string cluster, named_by who);

  // As of a reading that began at `since` (an uptime) or later; nullopt: it is being counted. not_found: ECS no longer
  // knows the container instance.
  task<result<std::optional<stopping_tasks>>> of(std::string container_instance, duration since,
                                                 aws::haste how = aws::haste::usual);
  // Whether what was being counted still is: until then it is of no use to ask.
  bool is_counting(const std::string& container_instance) const;
  std::size_t calls_lately() const { return stopping_.calls_lately(); }

 private:
  // What somebody did not wait for.
  struct later {
    duration asked;
    duration began{};                              // of the reading
    std::optional<result<stopping_tasks>> told{};  // nullopt: none has ended
    bool is_counting = true;
  };

  using answers = std::vector<result<stopping_tasks>>;

  const result<stopping_tasks>* told_later(const std::string& container_instance, duration since) const;
  task<result<answers>> fetch(std::vector<std::string> arns, aws::haste how);
  void keep_for_later(const std::vector<std::string>& arns, const result<answers>& told, duration began);

  clock& clock_;
  named_by named_by_;
  cluster_tasks stopping_;
  std::unordered_map<std::string, later> later_;  // by container instance
  aws::lanes<std::string, stopping_tasks> asked_;
};

}  // namespace lifehook::handlers
