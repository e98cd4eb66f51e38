#include "tests/simulator/fleet_scene.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

struct group_health : fleet_scene {
  group_health() {
    group_settings with;
    with.name = "web";
    with.desired = 3;
    with.min_size = 1;
    with.max_size = 5;
    scaling->create_group(with);
  }
  std::string first() { return scaling->instances("web").at(0); }
  std::string state(const std::string& id) { return scaling->lifecycle_state(id); }
  std::string group(std::string_view name) { return element(query("DescribeAutoScalingGroups", {}).value().xml, name); }
  std::string cause_of_end(const std::string& instance) {
    const auto xml = query("DescribeScalingActivities", {{"AutoScalingGroupName", "web"}}).value().xml;
    const auto at = xml.find("Terminating EC2 instance: " + instance);
    return at == std::string::npos ? "" : element(std::string_view(xml).substr(at), "Cause");
  }
  std::string cause(ending_cause why) {
    const auto instance = scaling->instances("web").back();
    scaling->terminate_because(instance, why);
    const auto told = cause_of_end(instance);
    time.advance(1min);
    return told;
  }
  void hook() { scaling->put_hook("web", {.name = "drain", .default_result = "CONTINUE"}); }
};

TEST_F(group_health, misses_an_instance_ended_by_hand_and_replaces_it) {
  const auto instance = first();

  machines->terminate(instance);
  EXPECT_EQ(state(instance), "InService");
  time.advance(30s);
  EXPECT_EQ(state(instance), "Terminating");
  EXPECT_EQ(
      cause_of_end(instance),
      "At 2026-03-02T00:00:30Z an instance was taken out of service in response to an EC2 health check indicating "
      "it has been terminated or stopped.");
  time.advance(6s);

  EXPECT_EQ(state(instance), "Terminated");
  EXPECT_THAT(scaling->instances("web"), SizeIs(3));
}

TEST_F(group_health, runs_the_hooks_of_an_instance_that_has_already_ended) {
  hook();
  const auto instance = first();

  machines->terminate(instance);
  time.advance(30s);

  EXPECT_EQ(state(instance), "Terminating:Wait");
  EXPECT_EQ(machines->state(instance), "terminated");
}

TEST_F(group_health, waits_for_the_hook_of_an_instance_ended_by_hand_meanwhile) {
  hook();
  const auto instance = first();
  scaling->terminate(instance, false);

  machines->terminate(instance);
  time.advance(59min);
  EXPECT_EQ(state(instance), "Terminating:Wait");
  EXPECT_THAT(scaling->instances("web"), SizeIs(3));
  time.advance(2min);

  EXPECT_EQ(state(instance), "Terminated");
  EXPECT_THAT(scaling->actions_seen(), SizeIs(1));
}

TEST_F(group_health, replaces_an_instance_that_ended_while_a_launch_hook_held_it) {
  scaling->put_hook("web", {.name = "warmup", .transition = "autoscaling:EC2_INSTANCE_LAUNCHING"});
  scaling->set_desired("web", 4);
  time.advance(5s);
  const auto instance = scaling->instances("web").back();
  ASSERT_EQ(state(instance), "Pending:Wait");

  machines->terminate(instance);
  time.advance(31s);

  EXPECT_EQ(state(instance), "Terminated");
  EXPECT_TRUE(scaling->actions_seen().at(0).ended.has_value());
  EXPECT_EQ(state(scaling->instances("web").back()), "Pending");
}

TEST_F(group_health, misses_an_instance_whose_launch_was_let_through_though_it_had_ended) {
  scaling->put_hook("web", {.name = "warmup", .transition = "autoscaling:EC2_INSTANCE_LAUNCHING"});
  scaling->set_desired("web", 4);
  time.advance(5s);
  const auto instance = scaling->instances("web").back();
  machines->terminate(instance);

  query("CompleteLifecycleAction", {{"AutoScalingGroupName", "web"},
                                    {"LifecycleHookName", "warmup"},
                                    {"InstanceId", instance},
                                    {"LifecycleActionResult", "CONTINUE"}})
      .value();
  time.advance(1s);
  EXPECT_EQ(state(instance), "InService");
  time.advance(31s);

  EXPECT_EQ(state(instance), "Terminated");
}

TEST_F(group_health, fills_a_warm_pool_whose_instance_ended) {
  query("PutWarmPool", {{"AutoScalingGroupName", "web"}, {"MinSize", "1"}, {"MaxGroupPreparedCapacity", "1"}}).value();
  time.advance(5s);
  const auto warm = scaling->instances("web").back();
  ASSERT_EQ(state(warm), "Warmed:Stopped");

  machines->terminate(warm);
  time.advance(31s);

  EXPECT_EQ(state(warm), "Terminated");
  EXPECT_EQ(state(scaling->instances("web").back()), "Warmed:Pending");
}

TEST_F(group_health, replaces_a_reclaimed_spot_instance_and_its_hook_does_not_delay_the_reclaim) {
  hook();
  const auto instance = first();
  machines->warn_spot(instance);
  scaling->terminate(instance, false);

  time.advance(2min);
  EXPECT_EQ(machines->state(instance), "shutting-down");
  EXPECT_EQ(state(instance), "Terminating:Wait");

  const auto other = first() == instance ? scaling->instances("web").at(1) : first();
  machines->warn_spot(other);
  time.advance(2min + 30s);
  EXPECT_EQ(state(other), "Terminating:Wait");
  EXPECT_THAT(cause_of_end(other), HasSubstr("an EC2 health check indicating it has been terminated or stopped"));
}

TEST_F(group_health, tells_why_the_desired_capacity_fell) {
  const std::string at = "At 2026-03-02T00:0[0-9]:[0-9]+Z ";
  const std::string shrunk = "  " + at +
                             "an instance was taken out of service in response to a difference between desired and "
                             "actual capacity, shrinking the capacity from [0-9] to [0-9].  " +
                             at + "instance i-[0-9a-f]+ was selected for termination.";

  EXPECT_THAT(cause(ending_cause::user_request),
              MatchesRegex(at +
                           "a user request explicitly set group desired capacity changing the desired capacity "
                           "from 3 to 2." +
                           shrunk));
  scaling->set_desired("web", 3);
  time.advance(10s);
  EXPECT_THAT(cause(ending_cause::scaling_policy),
              MatchesRegex(at +
                           "a monitor alarm TargetTracking-web-AlarmLow-[0-9a-f-]+ in state ALARM triggered policy "
                           "target-tracking changing the desired capacity from 3 to 2." +
                           shrunk));
  scaling->set_desired("web", 3);
  time.advance(10s);
  EXPECT_THAT(cause(ending_cause::scheduled_action),
              MatchesRegex(at +
                           "a scheduled action update of AutoScalingGroup constraints to min: 1, max: 5, desired: 2 "
                           "changing the desired capacity from 3 to 2." +
                           shrunk));
  EXPECT_EQ(group("DesiredCapacity"), "2");
}

TEST_F(group_health, tells_why_an_instance_is_replaced) {
  EXPECT_THAT(cause(ending_cause::instance_refresh),
              AllOf(HasSubstr("an instance was taken out of service in response to an instance refresh.  At "),
                    EndsWith("was selected for termination.")));
  EXPECT_THAT(cause(ending_cause::max_lifetime), HasSubstr("in response to maximum instance lifetime"));
  EXPECT_THAT(cause(ending_cause::rebalance), HasSubstr("in response to an EC2 instance rebalance recommendation"));
  EXPECT_THAT(cause(ending_cause::user_health_check), HasSubstr("in response to a user health-check"));
  EXPECT_THAT(cause(ending_cause::ec2_health_check), HasSubstr("in response to an EC2 health check indicating"));
  EXPECT_THAT(cause(ending_cause::elb_health_check), HasSubstr("in response to an ELB system health check failure"));
  EXPECT_EQ(group("DesiredCapacity"), "3");
  EXPECT_THAT(scaling->instances("web"), SizeIs(3));
}

TEST_F(group_health, ends_none_that_is_not_in_service_nor_below_the_minimum) {
  const auto instance = first();
  hook();
  scaling->terminate(instance, false);
  EXPECT_THROW(scaling->terminate_because(instance, ending_cause::rebalance), std::invalid_argument);
  EXPECT_THROW(scaling->terminate_because("i-none", ending_cause::rebalance), std::invalid_argument);

  query("UpdateAutoScalingGroup", {{"AutoScalingGroupName", "web"}, {"MinSize", "3"}}).value();

  EXPECT_THROW(scaling->terminate_because(scaling->instances("web").back(), ending_cause::scaling_policy),
               std::invalid_argument);
}

TEST_F(group_health, scales_by_policy_within_its_bounds) {
  const auto oldest = first();

  scaling->scale_by_policy("web", "cpu", -1);
  EXPECT_THAT(cause_of_end(oldest),
              HasSubstr("in state ALARM triggered policy cpu changing the desired capacity from 3 to 2."));
  scaling->scale_by_policy("web", "cpu", -9);
  EXPECT_EQ(group("DesiredCapacity"), "1");
  scaling->scale_by_policy("web", "cpu", 9);

  EXPECT_EQ(group("DesiredCapacity"), "5");
  EXPECT_THAT(query("DescribeScalingActivities", {}).value().xml, HasSubstr("TargetTracking-web-AlarmHigh-"));
}

TEST_F(group_health, replaces_a_root_volume_in_place_once_the_terminate_hooks_let_it) {
  const auto front = balancers->create_target_group({.name = "front", .deregistration_delay = 0s});
  query("AttachLoadBalancerTargetGroups", {{"AutoScalingGroupName", "web"}, {"TargetGroupARNs.member.1", front}})
      .value();
  hook();
  const auto before = scaling->instances("web");
  containers->create_cluster("prod");
  containers->register_instance("prod", first());
  containers->run_task("prod", "report", first());
  time.advance(10s);

  scaling->replace_root_volume(first());
  EXPECT_EQ(state(first()), "ReplacingRootVolume:Wait");
  EXPECT_EQ(scaling->actions_seen().at(0).transition, "autoscaling:EC2_INSTANCE_TERMINATING");
  EXPECT_THAT(balancers->targets(front), SizeIs(2));
  query("CompleteLifecycleAction", {{"AutoScalingGroupName", "web"},
                                    {"LifecycleHookName", "drain"},
                                    {"LifecycleActionToken", scaling->actions_seen().at(0).token},
                                    {"LifecycleActionResult", "CONTINUE"}})
      .value();
  EXPECT_EQ(state(first()), "ReplacingRootVolume:Proceed");
  time.advance(1s);
  EXPECT_EQ(state(first()), "RootVolumeReplaced");
  EXPECT_TRUE(containers->tasks("prod").at(0).lost);
  time.advance(5s);

  EXPECT_EQ(state(first()), "InService");
  EXPECT_EQ(machines->state(first()), "running");
  EXPECT_THAT(balancers->targets(front), SizeIs(3));
  EXPECT_EQ(scaling->instances("web"), before);
}

}  // namespace
}  // namespace lifehook::simulator
