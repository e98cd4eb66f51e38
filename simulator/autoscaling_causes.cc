#include "simulator/autoscaling_causes.h"

#include <fmt/format.h>

namespace lifehook::simulator {
namespace {

std::string changing(std::string_view what, int before, int after) {
  return fmt::format("{} changing the desired capacity from {} to {}", what, before, after);
}

}  // namespace

bool changes_desired(ending_cause why) {
  return why == ending_cause::user_request || why == ending_cause::scaling_policy ||
         why == ending_cause::scheduled_action;
}

std::string policy_triggered(std::string_view group, std::string_view policy, int before, int after) {
  return changing(
      fmt::format("a monitor alarm TargetTracking-{}-Alarm{}-1bd75141-14b2-4f14-ad2b-6d26ea7c94a8 in state ALARM "
                  "triggered policy {}",
                  group, after < before ? "Low" : "High", policy),
      before, after);
}

std::string desired_changed(ending_cause why, const scaling_group& group, int before, int after) {
  if (why == ending_cause::scaling_policy) return policy_triggered(group.with.name, "target-tracking", before, after);
  if (why == ending_cause::scheduled_action)
    return changing(fmt::format("a scheduled action update of AutoScalingGroup constraints to min: {}, max: {}, "
                                "desired: {}",
                                group.with.min_size, group.with.max_size, after),
                    before, after);
  return changing("a user request explicitly set group desired capacity", before, after);
}

std::string_view taken_out(ending_cause why) {
  switch (why) {
    case ending_cause::instance_refresh:
      return "an instance was taken out of service in response to an instance refresh";
    case ending_cause::max_lifetime:
      return "an instance was taken out of service in response to maximum instance lifetime";
    case ending_cause::rebalance:
      return "an instance was taken out of service in response to an EC2 instance rebalance recommendation";
    case ending_cause::user_health_check:
      return "an instance was taken out of service in response to a user health-check";
    case ending_cause::ec2_health_check:
      return "an instance was taken out of service in response to an EC2 health check indicating it has been "
             "terminated or stopped";
    case ending_cause::elb_health_check:
      return "an instance was taken out of service in response to an ELB system health check failure";
    case ending_cause::user_request:
    case ending_cause::scaling_policy:
    case ending_cause::scheduled_action: break;
  }
  return {};
}

}  // namespace lifehook::simulator
