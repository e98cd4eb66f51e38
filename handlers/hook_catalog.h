#pragma once

#include "aws/autoscaling.h"
#include "base/clock.h"
#include "base/shared_call.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lifehook::handlers {

// The lifecycle hooks of Auto Scaling groups, from DescribeLifecycleHooks: cached for five minutes, that there
// is no such group or hook for thirty seconds; those who ask at once share one call.
class hook_catalog {
 public:
  hook_catalog(clock& time, aws::autoscaling& with, task_group& tasks);

  // What is known now, without a call. nullptr: ask `find`.
  const aws::lifecycle_hook* known(const std::string& group, const std::string& hook) const;
  // nullopt: the group or the hook does not exist. Errors are the call's.
  task<result<std::optional<aws::lifecycle_hook>>> find(std::string group, std::string hook);
  // All of a group; none of an unknown one.
  task<result<std::vector<aws::lifecycle_hook>>> all(std::string group);
  // True the first time for each hook: what is to be said of a hook, and not of its actions, is said once.
  bool is_first_word_of(const std::string& group, const std::string& hook);

 private:
  struct entry {
    duration asked{0};  // in uptime: a wall clock may step
    std::vector<aws::lifecycle_hook> hooks;
    std::set<std::string> spoken_of;
  };
  using hooks = std::vector<aws::lifecycle_hook>;
  const entry* not_older_than(duration age, const std::string& group) const;
  task<result<hooks>> read(std::string group);

  clock& clock_;
  aws::autoscaling& autoscaling_;
  shared_call<std::string, hooks> calls_;
  std::map<std::string, entry> groups_;
};

}  // namespace lifehook::handlers
