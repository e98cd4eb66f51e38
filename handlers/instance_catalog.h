#pragma once

#include "aws/autoscaling.h"
#include "aws/ec2.h"
#include "aws/lanes.h"
#include "aws/page_size.h"
#include "base/shared_call.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace lifehook::handlers {

// What seldom changes of an Auto Scaling group.
struct group_profile {
  bool is_known = true;
  aws::tag_map tags;
  std::vector<std::string> target_groups;  // ARNs
};

// As AWS described it; null: unknown. Shared: hundreds ask at once for one that has thousands of instances.
using shared_group = std::shared_ptr<const aws::scaling_group>;
using group_listing = std::shared_ptr<const std::vector<aws::scaling_group>>;

// Instances and groups as AWS knows them. What is asked at once leaves as one call: instances by 50 from Auto Scaling,
// by 200 from EC2, groups by 50, each once. A flood of questions is gathered into full calls: an account's read budget
// is shared with everything the user runs. Who is in haste is answered before the others.
class instance_catalog {
 public:
  instance_catalog(clock& time, aws::by_haste<aws::autoscaling> with, aws::by_haste<aws::ec2> ec2, task_group& tasks);

  // As Auto Scaling knows it now. nullopt: it does not (any more).
  task<result<std::optional<aws::scaling_instance>>> instance(std::string id, aws::haste how = aws::haste::usual);
  // The same for who cannot wait while a flood gathers: a hook, which asks once.
  task<result<std::optional<aws::scaling_instance>>> instance_soon(std::string id);
  // The group it is in, as Auto Scaling listed that group's members at most a minute ago, or says now; nullopt: in
  // none.
  task<result<std::optional<std::string>>> group_of(std::string id, aws::haste how);
  // As it is now.
  task<result<shared_group>> group(std::string name, aws::haste how = aws::haste::usual);
  // Kept for five minutes; for an unknown group five seconds.
  task<result<group_profile>> profile(std::string group, aws::haste how = aws::haste::usual);
  // At most thirty seconds old: who must not miss a target group that was attached since.
  task<result<group_profile>> fresh_profile(std::string group, aws::haste how = aws::haste::usual);
  // An instance's own tags, as EC2 knows them; nullopt: EC2 does not know it (yet, or any more).
  task<result<std::optional<aws::tag_map>>> instance_tags(std::string id, aws::haste how = aws::haste::usual);
  // All groups of the region, as they were at most ten seconds ago.
  task<result<group_listing>> all_groups();

 private:
  struct kept_profile {
    duration asked;  // in uptime, as all times here: a wall clock may step
    group_profile of;
    std::weak_ptr<const aws::scaling_group> from{};  // none: it is unknown
  };
  struct membership {
    std::string group;
    duration asked;
  };
  const std::string* remembered_group_of(const std::string& id) const;
  void remember_members(const aws::scaling_group& of, duration asked);
  const group_profile& remember_profile(const std::string& group, const shared_group& found);
  task<result<group_profile>> profile_not_older_than(duration age, std::string group, aws::haste how);

  clock& clock_;
  aws::page_size names_at_once_{{50, 5, 1}};  // of groups; AWS takes fifty
  aws::lanes<std::string, std::optional<aws::scaling_instance>> instances_;
  aws::coalescer<std::string, std::optional<aws::scaling_instance>> soon_;
  aws::lanes<std::string, shared_group> groups_;
  aws::lanes<std::string, std::optional<aws::tag_map>> tags_;
  shared_call<aws::haste, group_listing> listings_;
  std::map<std::string, kept_profile> profiles_;
  std::unordered_map<std::string, membership> members_;  // of the groups whose profiles were asked for, by instance
  group_listing all_;
  duration all_until_{0};
};

}  // namespace lifehook::handlers
