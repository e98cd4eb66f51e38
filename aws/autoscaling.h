#pragma once

#include "aws/client.h"
#include "aws/page_size.h"
#include "aws/pages.h"

#include <map>
#include <optional>

namespace lifehook::aws {

// The names that AWS knows a lifecycle action by. An empty token is left out of the request; the instance id then
// decides.
struct lifecycle_action_id {
  std::string group;
  std::string hook;
  std::string instance;
  std::string token;
};

struct lifecycle_hook {
  std::string name;
  std::string transition;  // "autoscaling:EC2_INSTANCE_TERMINATING"
  std::chrono::seconds heartbeat_timeout;
  std::chrono::seconds global_timeout;
  std::string default_result;  // "CONTINUE" or "ABANDON"
  std::string notifies{};      // ARN of a queue or a topic; empty: EventBridge only
};

struct scaling_instance {
  std::string id;
  std::string group;
  std::string lifecycle_state;  // "Terminating:Wait"
  bool is_unhealthy = false;
};

struct group_instance {
  std::string id;
  std::string lifecycle_state;  // "InService"
};

struct scaling_group {
  std::string name;
  std::map<std::string, std::string> tags;
  int min_size = 0, max_size = 0, desired = 0;
  time_point created{};
  std::vector<std::string> target_groups = {};  // ARNs
  std::vector<group_instance> instances = {};   // without those of its warm pool
  bool has_warm_pool = false;
  bool rebalances = false;  // Capacity Rebalancing
};

// Why a group launched or ended an instance, in AWS's words.
struct scaling_activity {
  std::string description;  // "Terminating EC2 instance: i-0123"
  std::string cause;        // "At 2026-03-02T10:15:30Z a user request explicitly set group desired capacity ..."
  time_point started{};
};

// Newest first, but those still going on stand before all that have ended.
struct activity_page {
  std::vector<scaling_activity> activities;
  std::string next;  // asks for the page after this one; empty: it was the last
};

// How a call about a hook takes its turn where AWS throttles the account: `left` is until AWS's timer of the hook runs
// out, which is how long it is worth waiting.
struct hook_call {
  duration left = std::chrono::seconds(30);
  call_stage* stage = nullptr;
};

enum class hook_result { proceed, abandon };  // on the wire: CONTINUE, ABANDON

// Amazon EC2 Auto Scaling, only the calls the worker makes.
class autoscaling {
 public:
  explicit autoscaling(client& with) : client_(with) {}
  const std::string& region() const { return client_.region(); }

  // not_found: "No active Lifecycle Action found": completed, expired, gone, or not yet waiting;
  // AWS does not tell which.
  task<result<>> complete(lifecycle_action_id action, hook_result outcome, hook_call by = {});
  task<result<>> heartbeat(lifecycle_action_id action, hook_call by = {});
  // Hooks of a group; not_found for an unknown group.
  task<result<std::vector<lifecycle_hook>>> hooks(std::string group);
  // Up to 50 instances; the ones Auto Scaling does not know are left out.
  task<result<std::vector<scaling_instance>>> instances(std::vector<std::string> ids);
  // Up to 50 groups by name; unknown ones are left out. Pages are followed. too_large: ask for fewer.
  task<result<std::vector<scaling_group>>> groups(std::vector<std::string> names);
  // Up to a hundred of the region's groups, from the first on or from where a page told; fewer where a page is larger
  // than any answer that is read.
  task<result<page_of<scaling_group>>> group_page(std::string from = {});
  // The instances of a group's warm pool, which its own listing leaves out; not_found for an unknown group.
  task<result<std::vector<group_instance>>> warm_pool(std::string group);
  // All groups of the region, by such pages.
  task<result<std::vector<scaling_group>>> all_groups();
  // A hundred of the group's activities, from the newest on or from where a page told; not_found for an unknown group.
  task<result<activity_page>> activities(std::string group, std::string from = {});
  // Sent once: sent again it could undo what somebody else set meanwhile. rejected outside min..max, not_found for an
  // unknown group.
  task<result<>> set_desired(std::string group, int desired);
  // Without decrement: the group launches a replacement. Never retried by itself: look before asking again. not_found:
  // the instance is not in the group, or not in a state that can be detached.
  task<result<>> detach(std::string group, std::string instance);
  // Ends an instance; `lowers` the desired count by one, or has its group replace it. Never retried by itself.
  // not_found: no group has it.
  task<result<>> terminate(std::string instance, bool lowers);
  // Calls a second the budget leaves at present, see client::rate_for.
  std::optional<double> heartbeat_rate() const;
  std::optional<double> look_rate() const;  // DescribeAutoScalingInstances

 private:
  client& client_;
  page_size groups_at_once_{{100, 10, 1}};
};

}  // namespace lifehook::aws
