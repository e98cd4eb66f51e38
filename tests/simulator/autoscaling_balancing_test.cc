#include "tests/simulator/fleet_scene.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct balanced_groups : fleet_scene {
  void web_group(int desired) {
    group_settings with;
    with.name = "web";
    with.desired = desired;
    with.target_groups = {front};
    scaling->create_group(with);
  }
  std::string only() { return scaling->instances("web").at(0); }
  std::string state(const std::string& id) { return scaling->lifecycle_state(id); }
  std::string last_status() {
    return element(query("DescribeScalingActivities", {{"AutoScalingGroupName", "web"}}).value().xml, "StatusCode");
  }
  answered change(std::string action, const std::string& arn) {
    return query(std::move(action), {{"AutoScalingGroupName", "web"}, {"TargetGroupARNs.member.1", arn}});
  }

  std::string front = balancers->create_target_group({.name = "front", .deregistration_delay = 60s});
};

TEST_F(balanced_groups, register_their_instances_when_they_are_in_service) {
  web_group(1);
  EXPECT_THAT(balancers->targets(front), SizeIs(1));

  scaling->set_desired("web", 2);
  EXPECT_THAT(balancers->targets(front), SizeIs(1));
  time.advance(5s);

  EXPECT_THAT(balancers->targets(front), SizeIs(2));
}

TEST_F(balanced_groups, do_not_register_an_instance_that_a_launch_hook_holds) {
  web_group(0);
  scaling->put_hook("web", {.name = "warmup", .transition = "autoscaling:EC2_INSTANCE_LAUNCHING"});

  scaling->set_desired("web", 1);
  time.advance(1min);

  EXPECT_EQ(state(only()), "Pending:Wait");
  EXPECT_THAT(balancers->targets(front), IsEmpty());
}

TEST_F(balanced_groups, let_an_instance_drain_before_its_hooks_begin) {
  web_group(1);
  scaling->put_hook("web", {.name = "drain"});
  const auto instance = only();

  scaling->terminate(instance, true);
  EXPECT_EQ(state(instance), "Terminating");
  EXPECT_EQ(last_status(), "WaitingForELBConnectionDraining");
  EXPECT_THAT(balancers->targets(front), Each(Field(&target_record::state, "draining")));
  time.advance(59s);
  EXPECT_THAT(scaling->actions_seen(), IsEmpty());
  time.advance(1s);

  EXPECT_EQ(state(instance), "Terminating:Wait");
  EXPECT_EQ(last_status(), "MidLifecycleAction");
  EXPECT_THAT(balancers->targets(front), IsEmpty());
}

TEST_F(balanced_groups, wait_only_for_what_is_left_of_a_drain_begun_by_others) {
  web_group(1);
  scaling->put_hook("web", {.name = "drain"});
  const auto instance = only();
  balancers->deregister_target(front, instance);
  time.advance(45s);

  scaling->terminate(instance, true);
  time.advance(15s);

  EXPECT_EQ(state(instance), "Terminating:Wait");
}

TEST_F(balanced_groups, do_not_wait_for_an_instance_that_is_registered_nowhere) {
  web_group(1);
  scaling->put_hook("web", {.name = "drain"});
  const auto instance = only();
  balancers->deregister_target(front, instance);
  time.advance(60s);

  scaling->terminate(instance, true);

  EXPECT_EQ(state(instance), "Terminating:Wait");
}

TEST_F(balanced_groups, deregister_what_is_detached) {
  web_group(2);
  const auto instance = only();

  query(
      "DetachInstances",
      {{"AutoScalingGroupName", "web"}, {"InstanceIds.member.1", instance}, {"ShouldDecrementDesiredCapacity", "true"}})
      .value();

  EXPECT_THAT(balancers->deregistrations(),
              ElementsAre(AllOf(Field(&deregistration::id, instance), Field(&deregistration::by_call, false))));
}

TEST_F(balanced_groups, take_up_and_give_up_target_groups) {
  web_group(2);
  const auto back = balancers->create_target_group({.name = "back"});

  EXPECT_TRUE(change("AttachLoadBalancerTargetGroups", back));
  EXPECT_TRUE(change("AttachLoadBalancerTargetGroups", back));
  EXPECT_THAT(balancers->targets(back), SizeIs(2));
  const auto group = query("DescribeAutoScalingGroups", {}).value().xml;
  EXPECT_THAT(group, HasSubstr("<TargetGroupARNs><member>" + front + "</member><member>" + back + "</member>"));
  EXPECT_TRUE(change("DetachLoadBalancerTargetGroups", back));

  EXPECT_THAT(balancers->targets(back), Each(Field(&target_record::state, "draining")));
  EXPECT_THAT(query("DescribeLoadBalancerTargetGroups", {{"AutoScalingGroupName", "web"}}).value().xml,
              AllOf(HasSubstr(front), Not(HasSubstr(back))));
  EXPECT_EQ(change("DetachLoadBalancerTargetGroups", back).error().code, "ValidationError");
}

TEST_F(balanced_groups, refuse_target_groups_that_are_not_there) {
  web_group(1);

  const auto refused = change("AttachLoadBalancerTargetGroups", front + "0").error();
  EXPECT_EQ(refused.message, "Provided Target Groups may not be valid. Please ensure they exist and try again.");
  EXPECT_EQ(query("CreateAutoScalingGroup", {{"AutoScalingGroupName", "api"},
                                             {"MinSize", "0"},
                                             {"MaxSize", "1"},
                                             {"TargetGroupARNs.member.1", front + "0"}})
                .error()
                .code,
            "ValidationError");
  EXPECT_THAT(query("DescribeAutoScalingGroups", {}).value().xml, Not(HasSubstr("api")));
}

TEST_F(balanced_groups, made_by_a_call_register_their_instances_too) {
  query("CreateAutoScalingGroup", {{"AutoScalingGroupName", "web"},
                                   {"MinSize", "0"},
                                   {"MaxSize", "3"},
                                   {"DesiredCapacity", "2"},
                                   {"TargetGroupARNs.member.1", front}})
      .value();

  EXPECT_THAT(balancers->targets(front), SizeIs(2));
}

TEST_F(balanced_groups, outlive_the_target_groups_they_had) {
  web_group(1);
  scaling->put_hook("web", {.name = "drain"});
  elb_query("DeleteTargetGroup", {{"TargetGroupArn", front}}).value();
  const auto instance = only();

  scaling->terminate(instance, false);

  EXPECT_EQ(state(instance), "Terminating:Wait");
}

}  // namespace
}  // namespace lifehook::simulator
