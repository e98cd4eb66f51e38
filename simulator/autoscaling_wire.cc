#include "simulator/autoscaling_wire.h"

namespace lifehook::simulator {

const std::vector<autoscaling_action>& autoscaling_actions() {
  static const std::vector<autoscaling_action> all = {
      {"CreateAutoScalingGroup", create_group},
      {"UpdateAutoScalingGroup", update_group},
      {"DeleteAutoScalingGroup", delete_group},
      {"DescribeAutoScalingGroups", describe_groups},
      {"DescribeAutoScalingInstances", describe_instances},
      {"DescribeScalingActivities", describe_activities},
      {"CreateOrUpdateTags", create_or_update_tags},
      {"DescribeTags", describe_tags},
      {"SetDesiredCapacity", set_desired_capacity},
      {"TerminateInstanceInAutoScalingGroup", terminate_instance},
      {"DetachInstances", detach_instances},
      {"SetInstanceHealth", set_instance_health},
      {"AttachLoadBalancerTargetGroups", attach_target_groups},
      {"DetachLoadBalancerTargetGroups", detach_target_groups},
      {"DescribeLoadBalancerTargetGroups", describe_target_groups},
      {"PutWarmPool", put_warm_pool},
      {"DescribeWarmPool", describe_warm_pool},
      {"PutLifecycleHook", put_lifecycle_hook},
      {"DeleteLifecycleHook", delete_lifecycle_hook},
      {"DescribeLifecycleHooks", describe_lifecycle_hooks},
      {"CompleteLifecycleAction", complete_lifecycle_action},
      {"RecordLifecycleActionHeartbeat", record_heartbeat},
  };
  return all;
}

or_fault<scaling_group*> named_group(autoscaling_model& model, const query_parameters& asked) {
  const auto name = asked.required("AutoScalingGroupName");
  if (!name) return name.error();
  auto* group = model.registry().find(*name);
  if (!group) return no_such_group(*name);
  return group;
}

void write_instance(query_xml& to, const group_member& each, const account& owner) {
  to.text("InstanceId", each.id)
      .text("InstanceType", "m5.large")
      .text("AvailabilityZone", owner.region + "a")
      .text("LifecycleState", each.state)
      .text("HealthStatus", each.health)
      .flag("ProtectedFromScaleIn", false);
}

void write_activity(query_xml& to, const scaling_activity& each) {
  to.text("ActivityId", each.id)
      .text("AutoScalingGroupName", each.group)
      .text("Description", each.description)
      .text("Cause", each.cause)
      .time("StartTime", each.began);
  if (each.ended) to.time("EndTime", *each.ended);
  to.text("StatusCode", each.status).number("Progress", each.progress).text("Details", "{}");
}

answer xml_answer(query_xml&& written) { return {nullptr, std::move(written).take()}; }

}  // namespace lifehook::simulator
