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

TEST(limits, sqs_has_none) {
  limits held;

  EXPECT_EQ(admitted(held, "sqs", "ReceiveMessage", now), 5000);
}

}  // namespace
}  // namespace lifehook::simulator
