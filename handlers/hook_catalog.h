#pragma once

#include "aws/autoscaling.h"
#include "base/clock.h"
#include "base/shared_call.h"

#include <boost/intrusive/list.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lifehook::handlers {

// The lifecycle hooks of Auto Scaling groups, from DescribeLifecycleHooks: cached for five minutes, that there
// is no such group or hook for thirty seconds; those who ask at once share one call. While somebody watches a group it
// is read again every minute, and within ten seconds of what set a timer of its hooks; where that would be more than
// one group a second, one a second.
class hook_catalog {
 public:
  // Who keeps a hook open, until it ends: it is told when AWS shows the hook with another heartbeat
  // timeout than it did, or again.
  class watcher : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    virtual ~watcher() = default;
    virtual const std::string& hook() const = 0;
    virtual void changed(const aws::lifecycle_hook& now) = 0;
  };

  hook_catalog(clock& time, aws::autoscaling& with, task_group& tasks);

  // Until it ends, or leaves by `unlink`. Its hook's timer has been set by what AWS knows, which may be news to us.
  void watch(const std::string& group, watcher& by);
  // So it has by a heartbeat of one who watches. What was read before is read again well within the shortest timeout.
  void timer_set(const std::string& group);

  // What is known now, without a call. nullptr: ask `find`.
  const aws::lifecycle_hook* known(const std::string& group, const std::string& hook) const;
  // nullopt: the group or the hook does not exist. Errors are the call's.
  task<result<std::optional<aws::lifecycle_hook>>> find(std::string group, std::string hook);
  // All of a group; none of an unknown one.
  task<result<std::vector<aws::lifecycle_hook>>> all(std::string group);
  // True the first time for each hook: what is to be said of a hook, and not of its actions, is said once.
  bool is_first_word_of(const std::string& group, const std::string& hook);

 private:
  using hooks = std::vector<aws::lifecycle_hook>;
  using watchers = boost::intrusive::list<watcher, boost::intrusive::constant_time_size<false>>;
  struct entry {
    std::optional<duration> asked;  // in uptime: a wall clock may step; nullopt: AWS has not answered yet
    hooks all;
    std::set<std::string> spoken_of;
    watchers watched_by;
    std::unique_ptr<alarm> next_look{};  // while it is watched
    duration look_at{};                  // in uptime
    duration tried{};                    // the same of the last look, whether AWS answered or not
    bool is_overtaken = false;           // a timer was set while it was on its way
  };
  const entry* not_older_than(duration age, const std::string& group) const;
  task<result<hooks>> read(std::string group);
  duration paced(duration interval) const;
  void look_in(const std::string& group, duration wait);
  task<> look_again(std::string group);

  clock& clock_;
  aws::autoscaling& autoscaling_;
  task_group& tasks_;
  shared_call<std::string, hooks> calls_;
  std::map<std::string, entry> groups_;
  std::size_t watched_ = 0;  // of them
};

}  // namespace lifehook::handlers
