#pragma once

#include "aws/autoscaling.h"
#include "base/clock.h"
#include "base/signal.h"
#include "base/task_group.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lifehook::handlers {

// The lifecycle hooks of Auto Scaling groups, from DescribeLifecycleHooks: cached for five minutes, an unknown group
// for thirty seconds; those who ask at once share one call.
class hook_catalog {
 public:
  hook_catalog(clock& time, aws::autoscaling& with, loop_executor executor)
      : clock_(time), autoscaling_(with), executor_(std::move(executor)) {}

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
    duration until{0};  // in uptime: a wall clock may step
    std::vector<aws::lifecycle_hook> hooks;
    std::optional<error> failed;
    std::shared_ptr<latch> asking;
    std::set<std::string> spoken_of;
  };
  task<> freshen(std::string group);
  task<> ask(std::string group);
  result<const std::vector<aws::lifecycle_hook>*> kept(const std::string& group) const;  // or what failed

  clock& clock_;
  aws::autoscaling& autoscaling_;
  loop_executor executor_;
  std::map<std::string, entry> groups_;
};

}  // namespace lifehook::handlers
