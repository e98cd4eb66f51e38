#include "simulator/limits.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using namespace std::chrono_literals;

constexpr time_point now = time_point{} + std::chrono::days(20000);

int admitted(limits& held, std::string_view service, std::string_view action, time_point at) {
  int count = 0;
  while (count < 5000 && held.admit(service, action, at)) ++count;
  return count;
}

TEST(limits, a_full_bucket_lets_a_burst_pass_and_then_refills_by_the_second) {
  limits held;

  EXPECT_EQ(admitted(held, "ecs", "ListTasks", now), 100);
  EXPECT_EQ(admitted(held, "ecs", "ListTasks", now + 1s), 20);
  EXPECT_EQ(admitted(held, "ecs", "ListTasks", now + 1h), 100);
}

TEST(limits, reads_of_ecs_share_a_bucket_that_changes_do_not_touch) {
  limits held;
  admitted(held, "ecs", "ListTasks", now);

  EXPECT_FALSE(held.admit("ecs", "DescribeContainerInstances", now));
  EXPECT_EQ(admitted(held, "ecs", "UpdateContainerInstancesState", now), 100);
  EXPECT_EQ(admitted(held, "ecs", "StopTask", now + 1s), 40);
}

TEST(limits, all_calls_of_auto_scaling_share_one_bucket) {
  limits held;

  EXPECT_EQ(admitted(held, "autoscaling", "CompleteLifecycleAction", now), 100);
  EXPECT_FALSE(held.admit("autoscaling", "DescribeAutoScalingGroups", now));
}

TEST(limits, each_listing_of_ec2_has_a_bucket_and_a_smaller_one_for_listing_all) {
  limits held;

  EXPECT_EQ(admitted(held, "ec2", "DescribeImages", now), 100);
  EXPECT_EQ(admitted(held, "ec2", "DescribeInstances", now), 100);
  int all = 0;
  while (all < 1000 && held.admit("ec2", "DescribeImages", now, false)) ++all;
  EXPECT_EQ(all, 50);
  EXPECT_EQ(admitted(held, "ec2", "DescribeImages", now + 1s), 20);
}

TEST(limits, changes_of_ec2_have_buckets_by_action) {
  limits held;

  EXPECT_EQ(admitted(held, "ec2", "CreateImage", now), 50);
  EXPECT_EQ(admitted(held, "ec2", "CreateImage", now + 1s), 5);
  EXPECT_EQ(admitted(held, "ec2", "CreateTags", now), 100);
  EXPECT_EQ(admitted(held, "ec2", "CreateTags", now + 1s), 10);
  EXPECT_EQ(admitted(held, "ec2", "DeleteSnapshot", now), 100);
  EXPECT_EQ(admitted(held, "ec2", "DeleteSnapshot", now + 1s), 5);
  EXPECT_EQ(admitted(held, "ec2", "RunInstances", now), 5);
}

TEST(limits, changes_of_targets_count_in_their_own_bucket_and_in_that_of_all_elb_calls) {
  limits held;

  EXPECT_EQ(admitted(held, "elasticloadbalancing", "DeregisterTargets", now), 20);
  EXPECT_EQ(admitted(held, "elasticloadbalancing", "DescribeTargetHealth", now), 20);
  EXPECT_EQ(admitted(held, "elasticloadbalancing", "CreateTargetGroup", now), 0);
  EXPECT_EQ(admitted(held, "elasticloadbalancing", "DeregisterTargets", now + 1s), 4);
  EXPECT_EQ(admitted(held, "elasticloadbalancing", "DescribeTargetHealth", now + 1s), 6);
}

TEST(limits, commands_are_sent_more_slowly_than_looked_after) {
  limits held;

  EXPECT_EQ(admitted(held, "ssm", "SendCommand", now), 10);
  EXPECT_EQ(admitted(held, "ssm", "CancelCommand", now + 1s), 10);
  EXPECT_EQ(admitted(held, "ssm", "GetCommandInvocation", now), 40);
}

TEST(limits, dynamodb_on_demand_has_none) {
  limits held;

  EXPECT_EQ(admitted(held, "dynamodb", "PutItem", now), 5000);
}

TEST(limits, sqs_has_none) {
  limits held;

  EXPECT_EQ(admitted(held, "sqs", "ReceiveMessage", now), 5000);
}

}  // namespace
}  // namespace lifehook::simulator
