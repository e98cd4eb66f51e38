#include "aws/call_class.h"

#include <algorithm>
#include <array>

namespace lifehook::aws {

namespace {

struct row {
  std::string_view service;
  std::string_view operation;
  call_class is;
};

// AWS's published buckets ("Request throttling" in the API references of EC2, ECS and ELB); Auto Scaling's and SSM's
// figures are not published, SNS's are another in each region. SQS, DynamoDB and STS have no row, for they allow more
// than a worker can ask, nor has EventBridge, which only `check --aws` asks. What AWS's page does not name is counted
// with the reads of its service.
constexpr call_limits unpublished{};
constexpr call_limits of_ecs_modify{100, 40};
constexpr call_limits of_ecs_read{100, 20};
constexpr call_family all_of_elb{"elb", {40, 10}};
constexpr std::array rows{
    row{"autoscaling", "RecordLifecycleActionHeartbeat", {"autoscaling", unpublished, urgency::hook}},
    row{"autoscaling", "CompleteLifecycleAction", {"autoscaling", unpublished, urgency::hook}},
    row{"autoscaling", "SetDesiredCapacity", {"autoscaling", unpublished, urgency::interruption}},
    row{"autoscaling", "DetachInstances", {"autoscaling", unpublished, urgency::interruption}},
    row{"autoscaling", "TerminateInstanceInAutoScalingGroup", {"autoscaling", unpublished, urgency::interruption}},
    row{"autoscaling", "DescribeAutoScalingGroups", {"autoscaling", unpublished, urgency::look_up}},
    row{"autoscaling", "DescribeAutoScalingInstances", {"autoscaling", unpublished, urgency::look_up}},
    row{"autoscaling", "DescribeLifecycleHooks", {"autoscaling", unpublished, urgency::look_up}},
    row{"autoscaling", "DescribeScalingActivities", {"autoscaling", unpublished, urgency::look_up}},
    row{"autoscaling", "DescribeWarmPool", {"autoscaling", unpublished, urgency::look_up}},
    row{"ecs", "DeregisterContainerInstance", {"ecs_modify", of_ecs_modify, urgency::deregister}},
    row{"ecs", "RunTask", {"ecs_modify", of_ecs_modify, urgency::interruption}},
    row{"ecs", "UpdateContainerInstancesState", {"ecs_modify", of_ecs_modify, urgency::drain}},
    row{"ecs", "StopTask", {"ecs_modify", of_ecs_modify, urgency::drain}},
    row{"ecs", "DescribeClusters", {"ecs_clusters", {50, 20}, urgency::look_up}},
    row{"ecs", "ListClusters", {"ecs_clusters", {50, 20}, urgency::look_up}},
    row{"ecs", "DescribeServices", {"ecs_services", {100, 20}, urgency::look_up}},
    row{"ecs", "ListContainerInstances", {"ecs_read", of_ecs_read, urgency::drain}},
    row{"ecs", "DescribeContainerInstances", {"ecs_read", of_ecs_read, urgency::drain}},
    row{"ecs", "ListTasks", {"ecs_read", of_ecs_read, urgency::drain}},
    row{"ecs", "DescribeTasks", {"ecs_read", of_ecs_read, urgency::drain}},
    row{"ecs", "DescribeTaskDefinition", {"ecs_read", of_ecs_read, urgency::drain}},
    row{"ecs", "GetTaskProtection", {"ecs_read", of_ecs_read, urgency::drain}},
    row{"elasticloadbalancing", "DeregisterTargets", {"elb_targets", {20, 4}, urgency::deregister, &all_of_elb}},
    row{"elasticloadbalancing", "DescribeTargetHealth", {"elb_read", {40, 10}, urgency::look_up, &all_of_elb}},
    row{"ec2", "CreateImage", {"ec2_modify", {50, 5}, urgency::image}},
    row{"ec2", "DeregisterImage", {"ec2_deregister_image", {100, 5}, urgency::image}},
    row{"ec2", "DeleteSnapshot", {"ec2_delete_snapshot", {100, 5}, urgency::image}},
    row{"ec2", "DescribeImages", {"ec2_images", {100, 20}, urgency::image}},
    row{"ec2", "DescribeSnapshots", {"ec2_snapshots", {100, 20}, urgency::image}},
    row{"ec2", "DescribeInstances", {"ec2_instances", {100, 20}, urgency::look_up}},
    row{"ec2", "DescribeInstanceStatus", {"ec2_status", {100, 20}, urgency::look_up}},
    row{"ec2", "DescribeNetworkInterfaces", {"ec2_interfaces", {100, 20}, urgency::look_up}},
    row{"ssm", "SendCommand", {"ssm", unpublished, urgency::look_up}},
    row{"ssm", "ListCommands", {"ssm", unpublished, urgency::look_up}},
    row{"ssm", "GetCommandInvocation", {"ssm", unpublished, urgency::look_up}},
    row{"sns", "Publish", {"sns", unpublished, urgency::look_up}},
    row{"sns", "GetTopicAttributes", {"sns", unpublished, urgency::look_up}},
};

}  // namespace

call_class class_of(std::string_view service, std::string_view operation) {
  const auto* const found = std::find_if(rows.begin(), rows.end(), [&](const row& each) {
    return each.service == service && each.operation == operation;
  });
  return found == rows.end() ? call_class{service, {0, 0, false}, urgency::look_up} : found->is;
}

std::vector<std::string_view> call_families() {
  std::vector<std::string_view> names;
  const auto add = [&names](std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& each : rows) {
    add(each.is.family);
    if (each.is.wider) add(each.is.wider->name);
  }
  return names;
}

}  // namespace lifehook::aws
