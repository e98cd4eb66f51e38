#include "aws/autoscaling.h"

#include "tests/support/client_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;

const std::string token = "87654321-1111-2222-3333-444455556666";
const lifecycle_action_id action{"asg", "hook", "i-1", token};

constexpr std::string_view completed =
    "<CompleteLifecycleActionResponse xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\">"
    "<CompleteLifecycleActionResult/><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
    "</CompleteLifecycleActionResponse>";

std::string validation_error(const std::string& message) {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>" + message +
         "</Message></Error><RequestId>r</RequestId></ErrorResponse>";
}

std::string group_page(const std::string& name, const std::string& next) {
  return "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>"
         "<AutoScalingGroupName>" +
         name +
         "</AutoScalingGroupName><MinSize>1</MinSize><MaxSize>9</MaxSize>"
         "<DesiredCapacity>4</DesiredCapacity><Tags><member><Key>Team</Key><Value>web</Value></member></Tags></member>"
         "</AutoScalingGroups>" +
         (next.empty() ? "" : "<NextToken>" + next + "</NextToken>") +
         "</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>";
}

TEST(autoscaling, completes_by_token_and_instance) {
  client_stage stage;
  stage.wire.answer(200, std::string(completed));

  EXPECT_TRUE(stage.play(autoscaling(stage.with).complete(action, hook_result::proceed)));

  EXPECT_EQ(stage.wire.requests().at(0).url, "https://autoscaling.eu-west-1.amazonaws.com/");
  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=CompleteLifecycleAction&Version=2011-01-01&AutoScalingGroupName=asg&LifecycleHookName=hook&"
            "LifecycleActionToken=87654321-1111-2222-3333-444455556666&InstanceId=i-1&LifecycleActionResult=CONTINUE");
}

TEST(autoscaling, leaves_out_a_token_it_does_not_have) {
  client_stage stage;
  stage.wire.answer(200, std::string(completed));

  EXPECT_TRUE(stage.play(autoscaling(stage.with).complete({"asg", "hook", "i-1", ""}, hook_result::abandon)));

  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=CompleteLifecycleAction&Version=2011-01-01&AutoScalingGroupName=asg&LifecycleHookName=hook&"
            "InstanceId=i-1&LifecycleActionResult=ABANDON");
}

TEST(autoscaling, sends_heartbeats_without_a_result) {
  client_stage stage;
  stage.wire.answer(200,
                    "<RecordLifecycleActionHeartbeatResponse><RecordLifecycleActionHeartbeatResult/></"
                    "RecordLifecycleActionHeartbeatResponse>");

  EXPECT_TRUE(stage.play(autoscaling(stage.with).heartbeat(action)));

  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=RecordLifecycleActionHeartbeat&Version=2011-01-01&AutoScalingGroupName=asg&LifecycleHookName=hook&"
            "LifecycleActionToken=87654321-1111-2222-3333-444455556666&InstanceId=i-1");
}

TEST(autoscaling, knows_an_action_that_is_over_and_does_not_ask_again) {
  client_stage stage;
  stage.wire.answer(400, validation_error("No active Lifecycle Action found with token " + token));

  const auto done = stage.play(autoscaling(stage.with).complete(action, hook_result::proceed));

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), errc::not_found);
  EXPECT_EQ(done.error().aws_code(), "ValidationError");
  EXPECT_EQ(done.error().what().find(token), std::string::npos);
  EXPECT_EQ(stage.wire.requests().size(), 1U);
}

TEST(autoscaling, reads_the_timing_of_hooks) {
  client_stage stage;
  stage.wire.answer(200,
                    "<DescribeLifecycleHooksResponse><DescribeLifecycleHooksResult><LifecycleHooks><member>"
                    "<LifecycleHookName>drain</LifecycleHookName><AutoScalingGroupName>asg</AutoScalingGroupName>"
                    "<LifecycleTransition>autoscaling:EC2_INSTANCE_TERMINATING</LifecycleTransition>"
                    "<HeartbeatTimeout>300</HeartbeatTimeout><GlobalTimeout>30000</GlobalTimeout>"
                    "<DefaultResult>CONTINUE</DefaultResult></member></LifecycleHooks></DescribeLifecycleHooksResult>"
                    "</DescribeLifecycleHooksResponse>");

  const auto hooks = stage.play(autoscaling(stage.with).hooks("asg"));

  ASSERT_TRUE(hooks);
  ASSERT_EQ(hooks->size(), 1U);
  EXPECT_EQ(hooks->front().name, "drain");
  EXPECT_EQ(hooks->front().transition, "autoscaling:EC2_INSTANCE_TERMINATING");
  EXPECT_EQ(hooks->front().heartbeat_timeout, 300s);
  EXPECT_EQ(hooks->front().global_timeout, 30000s);
  EXPECT_EQ(hooks->front().default_result, "CONTINUE");
}

TEST(autoscaling, refuses_a_hook_without_its_timing) {
  client_stage stage;
  stage.wire.answer(200,
                    "<DescribeLifecycleHooksResponse><DescribeLifecycleHooksResult><LifecycleHooks><member><"
                    "LifecycleHookName>drain</LifecycleHookName>"
                    "</member></LifecycleHooks></DescribeLifecycleHooksResult></DescribeLifecycleHooksResponse>");

  const auto hooks = stage.play(autoscaling(stage.with).hooks("asg"));

  ASSERT_FALSE(hooks);
  EXPECT_EQ(hooks.error().code(), errc::malformed);
}

TEST(autoscaling, has_no_hooks_for_a_group_it_does_not_know) {
  client_stage stage;
  stage.wire.answer(400, validation_error("AutoScalingGroup name not found - null"));

  const auto hooks = stage.play(autoscaling(stage.with).hooks("asg"));

  ASSERT_FALSE(hooks);
  EXPECT_EQ(hooks.error().code(), errc::not_found);
}

TEST(autoscaling, finds_the_instances_it_knows) {
  client_stage stage;
  stage.wire.answer(200,
                    "<DescribeAutoScalingInstancesResponse><DescribeAutoScalingInstancesResult><AutoScalingInstances><"
                    "member><InstanceId>i-1</InstanceId>"
                    "<AutoScalingGroupName>asg</AutoScalingGroupName><LifecycleState>Terminating:Wait</LifecycleState>"
                    "<HealthStatus>Healthy</HealthStatus></member></AutoScalingInstances>"
                    "</DescribeAutoScalingInstancesResult></DescribeAutoScalingInstancesResponse>");

  const auto found = stage.play(autoscaling(stage.with).instances({"i-1", "i-2"}));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().id, "i-1");
  EXPECT_EQ(found->front().group, "asg");
  EXPECT_EQ(found->front().lifecycle_state, "Terminating:Wait");
  EXPECT_EQ(found->front().health, "HEALTHY");
  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=DescribeAutoScalingInstances&Version=2011-01-01&InstanceIds.member.1=i-1&InstanceIds.member.2=i-2");
}

TEST(autoscaling, follows_the_pages_of_groups) {
  client_stage stage;
  stage.wire.answer(200, group_page("a", "more=")).answer(200, group_page("b", ""));

  const auto found = stage.play(autoscaling(stage.with).groups({"a", "b"}));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->at(0).name, "a");
  EXPECT_EQ(found->at(0).tags.at("Team"), "web");
  EXPECT_EQ(found->at(0).min_size, 1);
  EXPECT_EQ(found->at(0).max_size, 9);
  EXPECT_EQ(found->at(0).desired, 4);
  EXPECT_EQ(found->at(1).name, "b");
  EXPECT_EQ(stage.wire.requests().at(1).body,
            "Action=DescribeAutoScalingGroups&Version=2011-01-01&AutoScalingGroupNames.member.1=a&"
            "AutoScalingGroupNames.member.2=b&MaxRecords=100&NextToken=more%3D");
}

TEST(autoscaling, stops_after_a_thousand_pages) {
  client_stage stage;
  for (int i = 0; i < 1001; ++i) stage.wire.answer(200, group_page("a", "again"));

  const auto found = stage.play(autoscaling(stage.with).groups({"a"}));

  EXPECT_FALSE(found);
  EXPECT_EQ(stage.wire.requests().size(), 1000U);
}

TEST(autoscaling, does_not_ask_for_everything_when_asked_for_nothing) {
  client_stage stage;

  EXPECT_TRUE(stage.play(autoscaling(stage.with).instances({})));
  EXPECT_TRUE(stage.play(autoscaling(stage.with).groups({})));

  EXPECT_TRUE(stage.wire.requests().empty());
}

}  // namespace
}  // namespace lifehook::aws
