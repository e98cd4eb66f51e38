#include "handlers/scaling_cause.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

std::string_view read(std::string_view text) { return name(cause_of(text)); }

TEST(scaling_cause, is_read_from_the_words_of_auto_scaling) {
  EXPECT_EQ(read("At 2026-03-02T10:15:30Z an instance was taken out of service in response to an instance refresh."),
            "instance_refresh");
  EXPECT_EQ(read("At 2026-03-02T10:15:30Z a monitor alarm TargetTracking-web-AlarmLow in state ALARM triggered policy "
                 "cpu changing the desired capacity from 3 to 2."),
            "scaling_policy");
  EXPECT_EQ(read("At 2026-03-02T10:15:30Z a scheduled action update of AutoScalingGroup constraints to min: 1, max: 3, "
                 "desired: 1 changing the desired capacity from 2 to 1."),
            "scheduled_action");
  EXPECT_EQ(read("At 2026-03-02T10:15:30Z a user request explicitly set group desired capacity changing the desired "
                 "capacity from 3 to 2."),
            "user_request");
  EXPECT_EQ(read("At 2026-03-02T10:15:30Z instance i-0 was taken out of service in response to a user request."),
            "user_request");
  EXPECT_EQ(
      read("At 2026-03-02T10:15:30Z an instance was taken out of service in response to an EC2 instance rebalance "
           "recommendation."),
      "rebalance");
  EXPECT_EQ(read("At 2026-03-02T10:15:30Z instances were launched to balance instances in zones eu-west-1a with other "
                 "zones resulting in more than desired number of instances in the group."),
            "rebalance");
  EXPECT_EQ(read("At 2026-03-02T10:15:30Z an instance was taken out of service in response to an EC2 health check "
                 "indicating it has been terminated or stopped."),
            "health_check");
  EXPECT_EQ(read("At 2026-03-02T10:15:30Z an instance was taken out of service in response to a user health-check."),
            "health_check");
}

TEST(scaling_cause, of_words_nobody_has_seen_is_unknown_and_never_expected) {
  EXPECT_EQ(read("At 2026-03-02T10:15:30Z the moon was full."), "unknown");
  for (const auto each : expectable_causes()) EXPECT_NE(each, "unknown");
}

}  // namespace
}  // namespace lifehook::handlers
