#include "tests/simulator/fleet_scene.h"

#include <gmock/gmock.h>

#include <set>

namespace lifehook::simulator {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr auto launching = "autoscaling:EC2_INSTANCE_LAUNCHING";

struct lifecycle_hooks : fleet_scene {
  void web_group(int desired) {
    group_settings with;
    with.name = "web-asg";
    with.desired = desired;
    scaling->create_group(with);
  }
  hook_settings hook(std::string name, std::chrono::seconds timeout = 60s) {
    hook_settings with;
    with.name = std::move(name);
    with.heartbeat_timeout = timeout;
    return with;
  }
  std::string only() { return scaling->instances("web-asg").at(0); }
  std::string state(const std::string& instance) { return scaling->lifecycle_state(instance); }
  const lifecycle_record& action(std::size_t which) { return scaling->actions_seen().at(which); }

  answered complete(const lifecycle_record& of, std::string result) {
    return query("CompleteLifecycleAction", {{"AutoScalingGroupName", of.group},
                                             {"LifecycleHookName", of.hook},
                                             {"LifecycleActionToken", of.token},
                                             {"LifecycleActionResult", std::move(result)}});
  }
  answered heartbeat(const lifecycle_record& of) {
    return query(
        "RecordLifecycleActionHeartbeat",
        {{"AutoScalingGroupName", of.group}, {"LifecycleHookName", of.hook}, {"LifecycleActionToken", of.token}});
  }
};

std::set<std::string> keys_of(const boost::json::object& body) {
  std::set<std::string> keys;
  for (const auto& each : body) keys.emplace(each.key());
  return keys;
}

TEST_F(lifecycle_hooks, hold_a_terminating_instance_until_completed) {
  web_group(1);
  scaling->put_hook("web-asg", hook("drain"));
  const auto instance = only();

  scaling->terminate(instance, true);
  EXPECT_EQ(state(instance), "Terminating:Wait");
  EXPECT_TRUE(complete(action(0), "CONTINUE"));
  EXPECT_EQ(state(instance), "Terminating:Proceed");
  time.advance(1s);

  EXPECT_EQ(state(instance), "Terminated");
  EXPECT_THAT(scaling->instances("web-asg"), SizeIs(0));
}

TEST_F(lifecycle_hooks, hold_a_launching_instance_until_completed) {
  web_group(0);
  auto warmup = hook("warmup");
  warmup.transition = launching;
  scaling->put_hook("web-asg", warmup);

  scaling->set_desired("web-asg", 1);
  EXPECT_EQ(state(only()), "Pending");
  time.advance(5s);
  EXPECT_EQ(state(only()), "Pending:Wait");
  EXPECT_TRUE(complete(action(0), "CONTINUE"));
  EXPECT_EQ(state(only()), "Pending:Proceed");
  time.advance(1s);

  EXPECT_EQ(state(only()), "InService");
}

TEST_F(lifecycle_hooks, of_one_transition_all_run_each_with_its_own_token) {
  web_group(1);
  scaling->put_hook("web-asg", hook("drain"));
  scaling->put_hook("web-asg", hook("logs"));
  const auto instance = only();

  scaling->terminate(instance, true);
  EXPECT_THAT(scaling->actions_seen(), SizeIs(2));
  EXPECT_NE(action(0).token, action(1).token);
  EXPECT_EQ(action(0).token.size(), 36U);
  EXPECT_TRUE(complete(action(0), "CONTINUE"));
  EXPECT_EQ(state(instance), "Terminating:Wait");
  EXPECT_TRUE(complete(action(1), "CONTINUE"));

  EXPECT_EQ(state(instance), "Terminating:Proceed");
}

TEST_F(lifecycle_hooks, abandoned_when_terminating_cut_the_others_short) {
  web_group(1);
  scaling->put_hook("web-asg", hook("drain"));
  scaling->put_hook("web-asg", hook("logs"));
  const auto instance = only();
  scaling->terminate(instance, true);

  EXPECT_TRUE(complete(action(0), "ABANDON"));

  EXPECT_EQ(state(instance), "Terminating:Proceed");
  EXPECT_TRUE(action(1).ended.has_value());
  EXPECT_FALSE(complete(action(1), "CONTINUE"));
}

TEST_F(lifecycle_hooks, abandoned_when_launching_terminate_and_replace_the_instance) {
  web_group(0);
  auto warmup = hook("warmup");
  warmup.transition = launching;
  scaling->put_hook("web-asg", warmup);
  scaling->set_desired("web-asg", 1);
  time.advance(5s);
  const auto refused = only();

  EXPECT_TRUE(complete(action(0), "ABANDON"));
  time.advance(1s);
  EXPECT_EQ(state(refused), "Terminated");
  time.advance(5s);

  EXPECT_NE(only(), refused);
  EXPECT_EQ(state(only()), "Pending:Wait");
}

TEST_F(lifecycle_hooks, time_out_with_their_default_result) {
  web_group(1);
  auto drain = hook("drain", 60s);
  drain.default_result = "CONTINUE";
  scaling->put_hook("web-asg", drain);
  const auto instance = only();
  scaling->terminate(instance, true);

  time.advance(59s);
  EXPECT_EQ(state(instance), "Terminating:Wait");
  time.advance(1s);

  EXPECT_EQ(state(instance), "Terminating:Proceed");
  EXPECT_TRUE(action(0).timed_out);
  EXPECT_EQ(action(0).result, "CONTINUE");
}

TEST_F(lifecycle_hooks, are_kept_open_by_heartbeats) {
  web_group(1);
  scaling->put_hook("web-asg", hook("drain", 60s));
  const auto instance = only();
  scaling->terminate(instance, true);

  time.advance(50s);
  EXPECT_TRUE(heartbeat(action(0)));
  time.advance(59s);
  EXPECT_EQ(state(instance), "Terminating:Wait");
  time.advance(1s);

  EXPECT_EQ(state(instance), "Terminating:Proceed");
  EXPECT_THAT(action(0).heartbeats, SizeIs(1));
}

TEST_F(lifecycle_hooks, end_at_the_global_timeout_whatever_the_heartbeats) {
  web_group(1);
  scaling->put_hook("web-asg", hook("drain", 30s));
  const auto instance = only();
  scaling->terminate(instance, true);
  const auto began = time.now();

  while (state(instance) == "Terminating:Wait") {
    (void)heartbeat(action(0));
    time.advance(20s);
  }

  EXPECT_EQ(*action(0).ended - began, 3000s);
  EXPECT_TRUE(action(0).timed_out);
}

TEST_F(lifecycle_hooks, have_a_global_timeout_of_at_most_two_days) {
  web_group(0);
  scaling->put_hook("web-asg", hook("short", 30s));
  scaling->put_hook("web-asg", hook("zlong", 7200s));

  const auto xml = query("DescribeLifecycleHooks", {{"AutoScalingGroupName", "web-asg"}}).value().xml;

  EXPECT_THAT(xml, HasSubstr("<HeartbeatTimeout>30</HeartbeatTimeout><GlobalTimeout>3000</GlobalTimeout>"));
  EXPECT_THAT(xml, HasSubstr("<HeartbeatTimeout>7200</HeartbeatTimeout><GlobalTimeout>172800</GlobalTimeout>"));
}

TEST_F(lifecycle_hooks, refuse_a_second_completion_in_the_words_of_aws) {
  web_group(1);
  scaling->put_hook("web-asg", hook("drain"));
  scaling->terminate(only(), true);
  const auto done = action(0);
  EXPECT_TRUE(complete(done, "CONTINUE"));

  const auto again = complete(done, "CONTINUE");

  EXPECT_EQ(again.error().status, 400);
  EXPECT_EQ(again.error().code, "ValidationError");
  EXPECT_EQ(again.error().message, "No active Lifecycle Action found with token " + done.token);
  EXPECT_EQ(action(0).complete_calls, 2U);
}

TEST_F(lifecycle_hooks, are_found_by_instance_id_when_the_token_is_lost) {
  web_group(1);
  scaling->put_hook("web-asg", hook("drain"));
  const auto instance = only();
  scaling->terminate(instance, true);
  const std::map<std::string, std::string> by_instance = {{"AutoScalingGroupName", "web-asg"},
                                                          {"LifecycleHookName", "drain"},
                                                          {"InstanceId", instance},
                                                          {"LifecycleActionResult", "CONTINUE"}};

  EXPECT_TRUE(query("RecordLifecycleActionHeartbeat", by_instance));
  EXPECT_TRUE(query("CompleteLifecycleAction", by_instance));
  const auto again = query("CompleteLifecycleAction", by_instance);

  EXPECT_EQ(again.error().message, "No active Lifecycle Action found with instance ID " + instance);
}

TEST_F(lifecycle_hooks, of_another_name_do_not_answer_to_the_token) {
  web_group(1);
  scaling->put_hook("web-asg", hook("drain"));
  scaling->put_hook("web-asg", hook("logs"));
  scaling->terminate(only(), true);
  auto mixed = action(0);
  mixed.hook = "logs";

  EXPECT_THAT(complete(mixed, "CONTINUE").error().message, HasSubstr("No active Lifecycle Action found"));
}

TEST_F(lifecycle_hooks, do_not_hold_an_instance_that_is_detached) {
  web_group(2);
  scaling->put_hook("web-asg", hook("drain"));
  const auto instance = only();

  EXPECT_TRUE(query("DetachInstances", {{"AutoScalingGroupName", "web-asg"},
                                        {"InstanceIds.member.1", instance},
                                        {"ShouldDecrementDesiredCapacity", "true"}}));

  EXPECT_EQ(state(instance), "");
  EXPECT_THAT(scaling->actions_seen(), SizeIs(0));
}

TEST_F(lifecycle_hooks, deleted_let_go_of_the_instances_they_held) {
  web_group(1);
  scaling->put_hook("web-asg", hook("drain"));
  const auto instance = only();
  scaling->terminate(instance, true);

  EXPECT_TRUE(query("DeleteLifecycleHook", {{"AutoScalingGroupName", "web-asg"}, {"LifecycleHookName", "drain"}}));

  EXPECT_EQ(state(instance), "Terminating:Proceed");
  EXPECT_EQ(action(0).result, "CONTINUE");
}

TEST_F(lifecycle_hooks, take_heartbeat_timeouts_from_30_to_7200_seconds_over_the_wire) {
  web_group(0);
  const auto put = [this](std::string seconds) {
    return query("PutLifecycleHook", {{"AutoScalingGroupName", "web-asg"},
                                      {"LifecycleHookName", "drain"},
                                      {"LifecycleTransition", "autoscaling:EC2_INSTANCE_TERMINATING"},
                                      {"HeartbeatTimeout", std::move(seconds)}});
  };

  EXPECT_EQ(put("29").error().code, "ValidationError");
  EXPECT_EQ(put("7201").error().code, "ValidationError");
  EXPECT_TRUE(put("30"));
  EXPECT_TRUE(put("7200"));
}

TEST_F(lifecycle_hooks, changed_over_the_wire_keep_what_is_not_mentioned) {
  web_group(0);
  auto drain = hook("drain", 300s);
  drain.metadata = "notes";
  scaling->put_hook("web-asg", drain);

  EXPECT_TRUE(
      query("PutLifecycleHook",
            {{"AutoScalingGroupName", "web-asg"}, {"LifecycleHookName", "drain"}, {"DefaultResult", "CONTINUE"}}));

  const auto xml = query("DescribeLifecycleHooks", {{"AutoScalingGroupName", "web-asg"}}).value().xml;
  EXPECT_EQ(element(xml, "HeartbeatTimeout"), "300");
  EXPECT_EQ(element(xml, "NotificationMetadata"), "notes");
  EXPECT_EQ(element(xml, "DefaultResult"), "CONTINUE");
}

TEST_F(lifecycle_hooks, of_an_unknown_group_are_a_validation_error) {
  const auto refused = query("DescribeLifecycleHooks", {{"AutoScalingGroupName", "nobody"}});

  EXPECT_EQ(refused.error().code, "ValidationError");
  EXPECT_THAT(refused.error().message, HasSubstr("AutoScalingGroup name not found - "));
}

TEST_F(lifecycle_hooks, tell_their_queue_in_the_shape_aws_uses) {
  web_group(1);
  queues->create_queue("direct");
  auto drain = hook("drain-hook");
  drain.target_arn = queues->queue_arn("direct");
  drain.metadata = "{\"cluster\":\"prod\"}";
  scaling->put_hook("web-asg", drain);

  scaling->terminate(only(), true);

  const auto test = body_of(drain.target_arn, 0);
  EXPECT_THAT(keys_of(test), UnorderedElementsAre("AccountId", "RequestId", "AutoScalingGroupARN",
                                                  "AutoScalingGroupName", "Service", "Event", "Time"));
  EXPECT_EQ(test.at("Event"), "autoscaling:TEST_NOTIFICATION");
  const auto told = body_of(drain.target_arn, 1);
  EXPECT_THAT(keys_of(told),
              UnorderedElementsAre("Origin", "LifecycleHookName", "Destination", "AccountId", "RequestId",
                                   "LifecycleTransition", "AutoScalingGroupName", "Service", "Time", "EC2InstanceId",
                                   "NotificationMetadata", "LifecycleActionToken"));
  EXPECT_EQ(told.at("LifecycleActionToken"), action(0).token.c_str());
  EXPECT_EQ(told.at("EC2InstanceId"), action(0).instance.c_str());
  EXPECT_EQ(told.at("Origin"), "AutoScalingGroup");
  EXPECT_EQ(told.at("Destination"), "EC2");
  EXPECT_EQ(told.at("Time"), "2026-03-02T00:00:00.000Z");
}

TEST_F(lifecycle_hooks, are_told_of_by_eventbridge_to_bridged_queues_as_well) {
  web_group(1);
  queues->create_queue("bus");
  const auto bus = queues->queue_arn("bus");
  scaling->bridge(bus);
  auto drain = hook("drain-hook");
  scaling->put_hook("web-asg", drain);

  scaling->terminate(only(), true);
  EXPECT_TRUE(complete(action(0), "CONTINUE"));
  time.advance(1s);

  const auto event = body_of(bus, 0);
  EXPECT_THAT(keys_of(event), UnorderedElementsAre("version", "id", "detail-type", "source", "account", "time",
                                                   "region", "resources", "detail"));
  EXPECT_EQ(event.at("detail-type"), "EC2 Instance-terminate Lifecycle Action");
  EXPECT_EQ(event.at("time"), "2026-03-02T00:00:00Z");
  EXPECT_EQ(event.at("detail").as_object().at("LifecycleActionToken"), action(0).token.c_str());
  const auto ended = body_of(bus, 1);
  EXPECT_EQ(ended.at("detail-type"), "EC2 Instance Terminate Successful");
  EXPECT_EQ(ended.at("detail").as_object().at("EC2InstanceId"), action(0).instance.c_str());
}

TEST_F(lifecycle_hooks, run_thousands_at_once_without_effort) {
  group_settings with;
  with.name = "web-asg";
  with.max_size = with.desired = 8'000;
  scaling->create_group(with);
  scaling->put_hook("web-asg", hook("drain", 3600s));

  scaling->set_desired("web-asg", 0);
  const auto all = scaling->actions_seen().size();
  for (std::size_t i = 0; i < all; ++i) {
    const auto token = action(i).token;
    EXPECT_TRUE(query("CompleteLifecycleAction", {{"AutoScalingGroupName", "web-asg"},
                                                  {"LifecycleHookName", "drain"},
                                                  {"LifecycleActionToken", token},
                                                  {"LifecycleActionResult", "CONTINUE"}}));
  }
  time.advance(1s);

  EXPECT_EQ(all, 8'000U);
  EXPECT_THAT(scaling->instances("web-asg"), SizeIs(0));
}

}  // namespace
}  // namespace lifehook::simulator
