#include "tests/simulator/fleet_scene.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

struct counting_listener : fleet::listener {
  void launched(const std::string& instance, const std::string&) override { begun.push_back(instance); }
  void ended(const std::string& instance, const std::string&) override { over.push_back(instance); }
  std::vector<std::string> begun, over;
};

struct groups : fleet_scene {
  groups() { instances.listen(heard); }

  void make(std::string name, int desired, std::map<std::string, std::string> tags = {}) {
    group_settings with;
    with.name = std::move(name);
    with.desired = desired;
    with.tags = std::move(tags);
    scaling->create_group(std::move(with));
  }
  std::string describe(std::map<std::string, std::string> asked) {
    return query("DescribeAutoScalingGroups", std::move(asked)).value().xml;
  }
  std::vector<std::string> states(const std::string& group) {
    std::vector<std::string> all;
    for (const auto& each : scaling->instances(group)) all.push_back(scaling->lifecycle_state(each));
    return all;
  }

  counting_listener heard;
};

TEST_F(groups, begin_with_their_instances_in_service) {
  make("web", 3);

  EXPECT_THAT(states("web"), ElementsAre("InService", "InService", "InService"));
  EXPECT_EQ(heard.begun, scaling->instances("web"));
}

TEST_F(groups, launch_instances_when_the_desired_capacity_rises) {
  make("web", 1);

  scaling->set_desired("web", 2);
  EXPECT_THAT(states("web"), ElementsAre("InService", "Pending"));
  time.advance(5s);

  EXPECT_THAT(states("web"), ElementsAre("InService", "InService"));
}

TEST_F(groups, end_their_oldest_instances_when_it_falls) {
  make("web", 3);
  const auto before = scaling->instances("web");

  scaling->set_desired("web", 1);
  EXPECT_THAT(states("web"), ElementsAre("Terminating", "Terminating", "InService"));
  time.advance(1s);

  EXPECT_THAT(scaling->instances("web"), ElementsAre(before[2]));
  EXPECT_THAT(heard.over, ElementsAre(before[0], before[1]));
}

TEST_F(groups, replace_an_instance_that_ends_without_decrement) {
  make("web", 2);
  const auto victim = scaling->instances("web")[0];

  scaling->terminate(victim, false);
  time.advance(1s);
  EXPECT_THAT(states("web"), ElementsAre("InService", "Pending"));
  time.advance(5s);

  EXPECT_THAT(states("web"), ElementsAre("InService", "InService"));
  EXPECT_THAT(heard.over, ElementsAre(victim));
}

TEST_F(groups, do_not_replace_an_instance_that_ends_with_decrement) {
  make("web", 2);

  scaling->terminate(scaling->instances("web")[0], true);
  time.advance(1min);

  EXPECT_THAT(scaling->instances("web"), SizeIs(1));
  EXPECT_EQ(element(describe({}), "DesiredCapacity"), "1");
}

TEST_F(groups, refuse_a_decrement_below_their_minimum) {
  group_settings with;
  with.name = "web";
  with.min_size = with.desired = 1;
  scaling->create_group(with);

  const auto refused = query("TerminateInstanceInAutoScalingGroup", {{"InstanceId", scaling->instances("web")[0]},
                                                                     {"ShouldDecrementDesiredCapacity", "true"}});

  EXPECT_EQ(refused.error().code, "ValidationError");
  EXPECT_THAT(states("web"), ElementsAre("InService"));
}

TEST_F(groups, refuse_a_desired_capacity_outside_their_bounds) {
  group_settings with;
  with.name = "web";
  with.min_size = with.desired = 1;
  with.max_size = 4;
  scaling->create_group(with);
  const auto set = [this](std::string desired) {
    return query("SetDesiredCapacity", {{"AutoScalingGroupName", "web"}, {"DesiredCapacity", std::move(desired)}});
  };

  EXPECT_EQ(set("5").error().code, "ValidationError");
  EXPECT_THAT(set("5").error().message, HasSubstr("above max value 4"));
  EXPECT_THAT(set("0").error().message, HasSubstr("below min value 1"));
  EXPECT_TRUE(set("4"));
}

TEST_F(groups, that_are_unknown_are_a_validation_error) {
  const auto refused = query("SetDesiredCapacity", {{"AutoScalingGroupName", "nobody"}, {"DesiredCapacity", "1"}});

  EXPECT_EQ(refused.error().status, 400);
  EXPECT_EQ(refused.error().code, "ValidationError");
  EXPECT_THAT(refused.error().message, testing::StartsWith("AutoScalingGroup name not found - "));
}

TEST_F(groups, replace_a_detached_instance_only_without_decrement) {
  make("web", 2);
  const auto gone = scaling->instances("web")[0];

  const auto xml = query("DetachInstances", {{"AutoScalingGroupName", "web"},
                                             {"InstanceIds.member.1", gone},
                                             {"ShouldDecrementDesiredCapacity", "false"}})
                       .value()
                       .xml;

  EXPECT_EQ(element(xml, "Description"), "Detaching EC2 instance: " + gone);
  EXPECT_THAT(states("web"), ElementsAre("InService", "Pending"));
  EXPECT_THAT(heard.over, SizeIs(0)) << "a detached instance lives on";
}

TEST_F(groups, detach_only_instances_of_theirs_in_service) {
  make("web", 1);
  make("other", 1);
  const auto detach = [this](const std::string& instance) {
    return query("DetachInstances", {{"AutoScalingGroupName", "web"},
                                     {"InstanceIds.member.1", instance},
                                     {"ShouldDecrementDesiredCapacity", "false"}});
  };
  const auto own = scaling->instances("web")[0];

  EXPECT_EQ(detach(scaling->instances("other")[0]).error().code, "ValidationError");
  scaling->terminate(own, true);
  EXPECT_EQ(detach(own).error().code, "ValidationError");
}

TEST_F(groups, replace_an_instance_declared_unhealthy) {
  make("web", 1);
  const auto sick = scaling->instances("web")[0];

  EXPECT_TRUE(query("SetInstanceHealth", {{"InstanceId", sick}, {"HealthStatus", "Unhealthy"}}));
  time.advance(10s);

  EXPECT_EQ(scaling->lifecycle_state(sick), "Terminated");
  EXPECT_THAT(states("web"), ElementsAre("InService"));
}

TEST_F(groups, are_described_by_name_and_unknown_names_are_left_out) {
  make("web", 1, {{"Team", "a<b"}});
  make("api", 0);

  const auto xml = describe({{"AutoScalingGroupNames.member.1", "web"}, {"AutoScalingGroupNames.member.2", "nobody"}});

  EXPECT_EQ(occurrences(xml, "<AutoScalingGroupName>"), 1U);
  EXPECT_EQ(element(xml, "AutoScalingGroupName"), "web");
  EXPECT_THAT(element(xml, "AutoScalingGroupARN"), testing::EndsWith(":autoScalingGroupName/web"));
  EXPECT_EQ(element(xml, "InstanceId"), scaling->instances("web")[0]);
  EXPECT_EQ(element(xml, "Value"), "a&lt;b");
}

TEST_F(groups, are_filtered_by_tag_and_by_tag_key) {
  make("web", 0, {{"Team", "web"}});
  make("api", 0, {{"Team", "api"}});
  make("bare", 0);
  const auto filtered = [this](std::string name, std::string value) {
    return describe(
        {{"Filters.member.1.Name", std::move(name)}, {"Filters.member.1.Values.member.1", std::move(value)}});
  };

  EXPECT_EQ(element(filtered("tag:Team", "web"), "AutoScalingGroupName"), "web");
  EXPECT_EQ(occurrences(filtered("tag:Team", "web"), "<AutoScalingGroupName>"), 1U);
  EXPECT_EQ(occurrences(filtered("tag-key", "Team"), "<AutoScalingGroupName>"), 2U);
  EXPECT_EQ(query("DescribeAutoScalingGroups", {{"Filters.member.1.Name", "nonsense"}}).error().code,
            "ValidationError");
}

TEST_F(groups, are_listed_in_pages) {
  for (const auto* name : {"a", "b", "c"}) make(name, 0);

  const auto first = describe({{"MaxRecords", "2"}});
  const auto second = describe({{"MaxRecords", "2"}, {"NextToken", element(first, "NextToken")}});

  EXPECT_EQ(occurrences(first, "<AutoScalingGroupName>"), 2U);
  EXPECT_EQ(element(second, "AutoScalingGroupName"), "c");
  EXPECT_EQ(element(second, "NextToken"), "");
  EXPECT_EQ(query("DescribeAutoScalingGroups", {{"NextToken", "forged"}}).error().code, "InvalidNextToken");
}

TEST_F(groups, describe_instances_and_drop_unknown_ids_silently) {
  make("web", 1);
  const auto instance = scaling->instances("web")[0];

  const auto xml =
      query("DescribeAutoScalingInstances", {{"InstanceIds.member.1", "i-0000"}, {"InstanceIds.member.2", instance}})
          .value()
          .xml;

  EXPECT_EQ(occurrences(xml, "<InstanceId>"), 1U);
  EXPECT_EQ(element(xml, "InstanceId"), instance);
  EXPECT_EQ(element(xml, "LifecycleState"), "InService");
  EXPECT_EQ(element(xml, "AutoScalingGroupName"), "web");
}

TEST_F(groups, describe_at_most_fifty_instances_by_id) {
  std::map<std::string, std::string> ids;
  for (int i = 1; i <= 51; ++i) ids["InstanceIds.member." + std::to_string(i)] = "i-" + std::to_string(i);

  EXPECT_EQ(query("DescribeAutoScalingInstances", ids).error().code, "ValidationError");
}

TEST_F(groups, no_longer_tell_of_an_instance_that_has_ended) {
  make("web", 1);
  const auto instance = scaling->instances("web")[0];
  scaling->terminate(instance, true);
  time.advance(1s);

  const auto xml = query("DescribeAutoScalingInstances", {{"InstanceIds.member.1", instance}}).value().xml;

  EXPECT_EQ(xml, "<AutoScalingInstances></AutoScalingInstances>");
}

TEST_F(groups, keep_activities_that_say_why_newest_first) {
  make("web", 2);
  const auto oldest = scaling->instances("web")[0];
  scaling->set_desired("web", 1);
  time.advance(1s);

  const auto xml =
      query("DescribeScalingActivities", {{"AutoScalingGroupName", "web"}, {"MaxRecords", "1"}}).value().xml;

  EXPECT_EQ(element(xml, "Description"), "Terminating EC2 instance: " + oldest);
  EXPECT_THAT(
      element(xml, "Cause"),
      AllOf(HasSubstr("a user request explicitly set group desired capacity changing the desired capacity from 2 to 1"),
            HasSubstr("shrinking the capacity from 2 to 1"), HasSubstr(oldest + " was selected for termination")));
  EXPECT_EQ(element(xml, "StatusCode"), "Successful");
  EXPECT_EQ(element(xml, "Progress"), "100");
  const auto next =
      query("DescribeScalingActivities", {{"AutoScalingGroupName", "web"}, {"NextToken", element(xml, "NextToken")}})
          .value()
          .xml;
  EXPECT_EQ(occurrences(next, "Launching a new EC2 instance: "), 2U);
}

TEST_F(groups, are_created_changed_and_deleted_over_the_wire) {
  EXPECT_TRUE(query("CreateAutoScalingGroup", {{"AutoScalingGroupName", "web"},
                                               {"MinSize", "1"},
                                               {"MaxSize", "3"},
                                               {"Tags.member.1.Key", "Team"},
                                               {"Tags.member.1.Value", "web"}}));
  EXPECT_THAT(states("web"), ElementsAre("InService"));
  EXPECT_EQ(query("CreateAutoScalingGroup", {{"AutoScalingGroupName", "web"}, {"MinSize", "0"}, {"MaxSize", "1"}})
                .error()
                .code,
            "AlreadyExists");

  EXPECT_TRUE(query("UpdateAutoScalingGroup", {{"AutoScalingGroupName", "web"}, {"MinSize", "2"}}));
  EXPECT_THAT(states("web"), ElementsAre("InService", "Pending"));
  EXPECT_EQ(query("UpdateAutoScalingGroup", {{"AutoScalingGroupName", "web"}, {"MinSize", "9"}}).error().code,
            "ValidationError");

  EXPECT_EQ(query("DeleteAutoScalingGroup", {{"AutoScalingGroupName", "web"}}).error().code, "ResourceInUse");
  EXPECT_TRUE(query("DeleteAutoScalingGroup", {{"AutoScalingGroupName", "web"}, {"ForceDelete", "true"}}));
  EXPECT_THAT(heard.over, SizeIs(2));
  EXPECT_THAT(describe({}), Not(HasSubstr("<AutoScalingGroupName>")));
}

TEST_F(groups, carry_tags_that_can_be_added_and_listed) {
  make("web", 0);

  EXPECT_TRUE(query("CreateOrUpdateTags", {{"Tags.member.1.ResourceId", "web"},
                                           {"Tags.member.1.ResourceType", "auto-scaling-group"},
                                           {"Tags.member.1.Key", "Team"},
                                           {"Tags.member.1.Value", "web"}}));

  const auto xml =
      query("DescribeTags", {{"Filters.member.1.Name", "key"}, {"Filters.member.1.Values.member.1", "Team"}})
          .value()
          .xml;
  EXPECT_EQ(element(xml, "ResourceId"), "web");
  EXPECT_EQ(element(xml, "Value"), "web");
}

struct warm_pools : groups {
  void pool(std::string reuse) {
    EXPECT_TRUE(query("PutWarmPool", {{"AutoScalingGroupName", "web"},
                                      {"MaxGroupPreparedCapacity", "2"},
                                      {"InstanceReusePolicy.ReuseOnScaleIn", std::move(reuse)}}));
    time.advance(10s);
  }
  hook_settings hook(std::string transition) {
    hook_settings with;
    with.name = "hook-" + transition.substr(16);
    with.transition = std::move(transition);
    with.target_arn = queues->queue_arn("direct");
    return with;
  }
};

TEST_F(warm_pools, are_filled_up_to_the_prepared_capacity) {
  make("web", 1);

  pool("false");

  EXPECT_THAT(states("web"), ElementsAre("InService", "Warmed:Stopped"));
  EXPECT_EQ(occurrences(describe({}), "<InstanceId>"), 1U);
  const auto xml = query("DescribeWarmPool", {{"AutoScalingGroupName", "web"}}).value().xml;
  EXPECT_EQ(element(xml, "LifecycleState"), "Warmed:Stopped");
  EXPECT_EQ(element(xml, "MaxGroupPreparedCapacity"), "2");
}

TEST_F(warm_pools, give_their_instances_first_when_capacity_rises) {
  make("web", 1);
  pool("false");
  const auto warm = scaling->instances("web")[1];

  scaling->set_desired("web", 2);
  EXPECT_EQ(scaling->lifecycle_state(warm), "Pending");
  time.advance(5s);

  EXPECT_EQ(scaling->lifecycle_state(warm), "InService");
  EXPECT_THAT(heard.begun, SizeIs(2));
}

TEST_F(warm_pools, take_instances_back_on_scale_in_and_those_do_not_end) {
  make("web", 2);
  pool("true");
  queues->create_queue("direct");
  scaling->put_hook("web", hook("autoscaling:EC2_INSTANCE_TERMINATING"));
  const auto returning = scaling->instances("web")[0];

  scaling->set_desired("web", 1);
  EXPECT_EQ(scaling->lifecycle_state(returning), "Warmed:Pending:Wait");
  const auto told = body_of(queues->queue_arn("direct"), 1);
  EXPECT_EQ(told.at("Origin"), "AutoScalingGroup");
  EXPECT_EQ(told.at("Destination"), "WarmPool");
  EXPECT_TRUE(query("CompleteLifecycleAction", {{"AutoScalingGroupName", "web"},
                                                {"LifecycleHookName", scaling->actions_seen()[0].hook},
                                                {"LifecycleActionToken", scaling->actions_seen()[0].token},
                                                {"LifecycleActionResult", "CONTINUE"}}));
  time.advance(1s);

  EXPECT_EQ(scaling->lifecycle_state(returning), "Warmed:Stopped");
  EXPECT_THAT(heard.over, SizeIs(0));
}

TEST_F(warm_pools, run_launch_hooks_on_the_way_in_and_on_the_way_out) {
  make("web", 0);
  queues->create_queue("direct");
  scaling->put_hook("web", hook("autoscaling:EC2_INSTANCE_LAUNCHING"));
  const auto continue_latest = [this] {
    const auto action = scaling->actions_seen().back();
    return query("CompleteLifecycleAction", {{"AutoScalingGroupName", "web"},
                                             {"LifecycleHookName", action.hook},
                                             {"LifecycleActionToken", action.token},
                                             {"LifecycleActionResult", "CONTINUE"}});
  };

  EXPECT_TRUE(query("PutWarmPool", {{"AutoScalingGroupName", "web"}, {"MaxGroupPreparedCapacity", "1"}}));
  time.advance(5s);
  const auto instance = scaling->instances("web")[0];
  EXPECT_EQ(scaling->lifecycle_state(instance), "Warmed:Pending:Wait");
  EXPECT_TRUE(continue_latest());
  time.advance(1s);
  scaling->set_desired("web", 1);
  time.advance(5s);
  EXPECT_EQ(scaling->lifecycle_state(instance), "Pending:Wait");
  EXPECT_TRUE(continue_latest());
  time.advance(1s);

  EXPECT_EQ(scaling->lifecycle_state(instance), "InService");
  const auto in = body_of(queues->queue_arn("direct"), 1);
  const auto out = body_of(queues->queue_arn("direct"), 2);
  EXPECT_EQ(in.at("Destination"), "WarmPool");
  EXPECT_EQ(out.at("Origin"), "WarmPool");
  EXPECT_NE(in.at("LifecycleActionToken"), out.at("LifecycleActionToken"));
}

}  // namespace
}  // namespace lifehook::simulator
