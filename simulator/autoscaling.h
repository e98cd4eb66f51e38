#pragma once

#include "simulator/elbv2.h"
#include "simulator/fleet.h"
#include "simulator/service.h"
#include "simulator/sqs.h"

#include <memory>
#include <optional>
#include <set>

namespace lifehook::simulator {

struct group_settings {
  std::string name;
  int min_size = 0, max_size = 1000, desired = 0;
  std::map<std::string, std::string> tags{};
  duration launch_time = std::chrono::seconds(5);  // Pending to InService
  std::vector<std::string> target_groups{};        // arns: instances in service are registered with them
  std::set<std::string> unpropagated{};            // keys of tags that its instances do not get
  bool spot = false;
  bool rebalances = false;  // said, not done: Capacity Rebalancing
};

// Why an instance ends, as AWS words it in the activity's cause. The first three lower the desired capacity by one; the
// others have the instance replaced.
enum class ending_cause {
  user_request,
  scaling_policy,
  scheduled_action,
  instance_refresh,
  max_lifetime,
  rebalance,
  user_health_check,
  ec2_health_check,
  elb_health_check
};

struct hook_settings {
  std::string name;
  std::string transition = "autoscaling:EC2_INSTANCE_TERMINATING";
  std::chrono::seconds heartbeat_timeout{3600};
  std::string default_result = "ABANDON";
  std::string target_arn{};  // an SQS queue of this world; empty: EventBridge only
  std::string metadata{};
};

// One lifecycle action, its whole story, kept after its end for tests and the demo's summary.
struct lifecycle_record {
  std::string group, hook, instance, token, transition;
  time_point began;
  std::vector<time_point> heartbeats;
  std::optional<time_point> ended;
  std::string result;           // "CONTINUE", "ABANDON"; what took effect
  bool timed_out = false;       // heartbeat or global timeout decided, not a call
  unsigned complete_calls = 0;  // accepted and refused
};

// EC2 Auto Scaling: groups whose instances launch and end, hooks with heartbeat timers, global timeout, default
// results, scaling activities, warm pools (reuse on scale-in), target groups (an instance that leaves service drains
// before its hooks), replacement of instances that ended by themselves (noticed 30 s later), root volumes replaced in
// place, events to SQS (test notification included) and to EventBridge rules (`bridge`: queue arns that get the
// EventBridge form of lifecycle actions, launch/terminate successes, and EC2's warnings).
// Actions: CreateAutoScalingGroup, UpdateAutoScalingGroup, DeleteAutoScalingGroup, DescribeAutoScalingGroups,
// DescribeAutoScalingInstances, SetDesiredCapacity, TerminateInstanceInAutoScalingGroup, DetachInstances,
// PutLifecycleHook, DeleteLifecycleHook, DescribeLifecycleHooks, CompleteLifecycleAction,
// RecordLifecycleActionHeartbeat, PutWarmPool, DescribeWarmPool, DescribeScalingActivities, CreateOrUpdateTags,
// DescribeTags, SetInstanceHealth, AttachLoadBalancerTargetGroups, DetachLoadBalancerTargetGroups,
// DescribeLoadBalancerTargetGroups.
class autoscaling : public service {
 public:
  static std::unique_ptr<autoscaling> make(clock& time, account owner, sqs& queues, elbv2& balancers, fleet& instances,
                                           std::uint64_t seed);

  virtual void create_group(group_settings with) = 0;  // its instances are launched at once, InService without hooks
  virtual void put_hook(std::string_view group, hook_settings with) = 0;
  virtual void bridge(std::string queue_arn) = 0;
  virtual void set_desired(std::string_view group, int desired) = 0;  // scale-in picks the oldest instances
  virtual void terminate(std::string_view instance, bool decrement) = 0;
  virtual void terminate_because(std::string_view instance, ending_cause cause) = 0;  // of one in service
  // As an alarm that set off a policy does; bounded by the group's sizes.
  virtual void scale_by_policy(std::string_view group, std::string policy, int delta) = 0;
  // Of an instance in service: its terminate hooks run, it boots from a new volume and is in service again.
  virtual void replace_root_volume(std::string_view instance) = 0;
  virtual std::vector<std::string> instances(std::string_view group) const = 0;  // of any state but Terminated
  virtual std::string lifecycle_state(std::string_view instance) const = 0;      // empty: unknown
  virtual const std::vector<lifecycle_record>& actions_seen() const = 0;
};

}  // namespace lifehook::simulator
