#pragma once

#include "aws/autoscaling.h"
#include "worker/aws_finding.h"
#include "worker/config.h"
#include "worker/queue_feeds.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::worker {

// What becomes of the Auto Scaling groups and lifecycle hooks that AWS shows, by a configuration. Pure: it is told what
// AWS shows, and tells what it finds. Tags are those of Auto Scaling groups: which instances have tags of their own is
// not known here.
class groups_check {
 public:
  groups_check(const config& of, const queue_feeds& by, const tell_finding& tell)
      : config_(of), feeds_(by), tell_(tell) {}

  void see_groups(const std::vector<aws::scaling_group>& all) const;
  // Instances in service of the Auto Scaling groups that the group gets events of; up to a hundred.
  std::vector<std::string> in_service_of(const handlers::group& of, const std::vector<aws::scaling_group>& all) const;
  // Whether its hooks matter: events of its instances may come to a group, or its hooks be answered by one.
  bool is_of_interest(const aws::scaling_group& each) const;
  void see_hooks(const aws::scaling_group& in, const std::vector<aws::lifecycle_hook>& hooks);
  // Names and lists that no hook is for. Once the hooks of all groups are seen.
  void say_of_idle() const;

 private:
  // What has been seen for a group that answers hooks.
  struct answered {
    std::set<std::string> names;   // of the hooks that it answers
    std::set<std::string> others;  // and all that it would name the Auto Scaling group of
    std::set<handlers::event_kind> kinds;
  };

  void say_of_group(const handlers::group& of, const std::vector<aws::scaling_group>& all) const;
  void say_of_idle_patterns(const handlers::group& of, const std::vector<aws::scaling_group>& all) const;
  void say_of_rebalancing(const aws::scaling_group& in) const;
  void say_unanswered(const aws::scaling_group& in, const std::vector<std::string>& has,
                      const handlers::group& by) const;
  void say_of_strangers(const aws::scaling_group& in, const aws::lifecycle_hook& hook) const;
  bool notifies_us(const aws::lifecycle_hook& hook) const;
  void say_left_alone(const aws::scaling_group& in, const aws::lifecycle_hook& hook, handlers::event_kind as,
                      const handlers::group& by) const;
  void say_of_hook(const aws::scaling_group& in, const aws::lifecycle_hook& hook, handlers::event_kind as,
                   const handlers::group& to) const;
  void say_of_idle_names(const handlers::group& of, const answered& by) const;
  const handlers::group* taker_of(const aws::scaling_group& in) const;

  const config& config_;
  const queue_feeds& feeds_;
  const tell_finding& tell_;
  std::map<std::string_view, answered> answered_;  // by the group's name
};

}  // namespace lifehook::worker
