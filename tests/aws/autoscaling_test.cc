#include "aws/autoscaling.h"

#include "tests/support/client_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

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

std::string group_page(const std::string& name, const std::string& next, const std::string& more = {}) {
  return "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>"
         "<AutoScalingGroupName>" +
         name +
         "</AutoScalingGroupName><MinSize>1</MinSize><MaxSize>9</MaxSize>"
         "<DesiredCapacity>4</DesiredCapacity><Tags><member><Key>Team</Key><Value>web</Value></member></Tags>"
         "<CreatedTime>2026-03-02T10:15:30.123Z</CreatedTime>" +
         more + "</member></AutoScalingGroups>" + (next.empty() ? "" : "<NextToken>" + next + "</NextToken>") +
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

TEST(autoscaling, sends_a_completion_once_so_that_its_answer_is_not_taken_for_anothers) {
  client_stage stage;
  stage.wire.fail(errc::unreachable).answer(400, validation_error("No active Lifecycle Action found"));

  const auto done = stage.play(autoscaling(stage.with).complete(action, hook_result::proceed));

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), errc::unreachable);
  ASSERT_EQ(stage.wire.requests().size(), 1U);
  EXPECT_FALSE(stage.wire.requests().at(0).resend);
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
  EXPECT_EQ(hooks.error().code(), errc::unreachable);
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
                    "<HealthStatus>Unhealthy</HealthStatus></member>"
                    "<member><InstanceId>i-2</InstanceId><HealthStatus>HEALTHY</HealthStatus></member>"
                    "</AutoScalingInstances>"
                    "</DescribeAutoScalingInstancesResult></DescribeAutoScalingInstancesResponse>");

  const auto found = stage.play(autoscaling(stage.with).instances({"i-1", "i-2"}));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->front().id, "i-1");
  EXPECT_EQ(found->front().group, "asg");
  EXPECT_EQ(found->front().lifecycle_state, "Terminating:Wait");
  EXPECT_TRUE(found->front().is_unhealthy);
  EXPECT_FALSE(found->back().is_unhealthy);
  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=DescribeAutoScalingInstances&Version=2011-01-01&InstanceIds.member.1=i-1&InstanceIds.member.2=i-2");
}

TEST(autoscaling, an_answer_without_its_list_of_instances_tells_nothing_of_them) {
  client_stage stage;
  for (int i = 0; i < 3; ++i)
    stage.wire.answer(200,
                      "<DescribeAutoScalingInstancesResponse><DescribeAutoScalingInstancesResult/>"
                      "</DescribeAutoScalingInstancesResponse>");

  const auto found = stage.play(autoscaling(stage.with).instances({"i-1"}));

  ASSERT_FALSE(found);
  EXPECT_TRUE(is_outage(found.error().code()));
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

TEST(autoscaling, reads_when_a_group_was_created_and_what_is_in_it) {
  client_stage stage;
  stage.wire.answer(
      200, group_page("web", "",
                      "<Instances><member><InstanceId>i-1</InstanceId><LifecycleState>InService</LifecycleState>"
                      "<HealthStatus>Healthy</HealthStatus></member><member><InstanceId>i-2</InstanceId>"
                      "<LifecycleState>Pending:Wait</LifecycleState></member></Instances>"
                      "<TargetGroupARNs><member>arn:1</member><member>arn:2</member></TargetGroupARNs>"));

  const auto found = stage.play(autoscaling(stage.with).groups({"web"}));

  ASSERT_TRUE(found);
  const auto& group = found->at(0);
  EXPECT_EQ(group.created, std::chrono::sys_days(std::chrono::March / 2 / 2026) + 10h + 15min + 30s + 123ms);
  ASSERT_EQ(group.instances.size(), 2U);
  EXPECT_EQ(group.instances[0].id, "i-1");
  EXPECT_EQ(group.instances[0].lifecycle_state, "InService");
  EXPECT_EQ(group.instances[1].id, "i-2");
  EXPECT_EQ(group.instances[1].lifecycle_state, "Pending:Wait");
  EXPECT_THAT(group.target_groups, ElementsAre("arn:1", "arn:2"));
}

TEST(autoscaling, knows_target_groups_that_were_attached_as_traffic_sources) {
  client_stage stage;
  stage.wire.answer(
      200, group_page("web", "",
                      "<TargetGroupARNs><member>arn:1</member></TargetGroupARNs><TrafficSources><member>"
                      "<Identifier>arn:1</Identifier><Type>elbv2</Type></member><member><Identifier>arn:2</Identifier>"
                      "<Type>elbv2</Type></member><member><Identifier>arn:lattice</Identifier><Type>vpc-lattice</Type>"
                      "</member><member><Identifier>classic</Identifier><Type>elb</Type></member></TrafficSources>"));

  const auto found = stage.play(autoscaling(stage.with).groups({"web"}));

  ASSERT_TRUE(found);
  EXPECT_THAT(found->at(0).target_groups, ElementsAre("arn:1", "arn:2"));
}

TEST(autoscaling, does_not_take_groups_it_cannot_read_for_none) {
  const std::string sizes = "<MinSize>1</MinSize><MaxSize>9</MaxSize><DesiredCapacity>4</DesiredCapacity>";
  for (const std::string& content :
       {std::string(), "<AutoScalingGroups><member>" + sizes + "</member></AutoScalingGroups>",
        "<AutoScalingGroups><member>" + sizes + "<CreatedTime>soon</CreatedTime></member></AutoScalingGroups>",
        std::string("<AutoScalingGroups><member><MinSize>1</MinSize><MaxSize>9</MaxSize>"
                    "<CreatedTime>2026-03-02T10:15:30Z</CreatedTime></member></AutoScalingGroups>")}) {
    client_stage stage;
    stage.wire.answer(200, "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult>" + content +
                               "</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>");

    const auto found = stage.play(autoscaling(stage.with).all_groups());

    ASSERT_FALSE(found) << content;
    EXPECT_EQ(found.error().code(), errc::unreachable) << content;
  }
}

TEST(autoscaling, lists_all_groups_of_the_region) {
  client_stage stage;
  stage.wire.answer(200, group_page("a", "t")).answer(200, group_page("b", ""));

  const auto found = stage.play(autoscaling(stage.with).all_groups());

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->at(1).name, "b");
  EXPECT_EQ(stage.wire.requests().at(0).body, "Action=DescribeAutoScalingGroups&Version=2011-01-01&MaxRecords=100");
  EXPECT_EQ(stage.wire.requests().at(1).body,
            "Action=DescribeAutoScalingGroups&Version=2011-01-01&MaxRecords=100&NextToken=t");
}

TEST(autoscaling, lists_all_groups_in_smaller_pages_from_where_one_is_too_large_to_be_read) {
  client_stage stage;
  stage.wire.answer(200, group_page("a", "t")).fail(errc::too_large);
  stage.wire.answer(200, group_page("b", "u")).answer(200, group_page("c", ""));
  stage.wire.answer(200, group_page("a", ""));
  autoscaling under_test(stage.with);

  const auto found = stage.play(under_test.all_groups());
  EXPECT_TRUE(stage.play(under_test.all_groups()));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3U);
  ASSERT_EQ(stage.wire.requests().size(), 5U);
  EXPECT_THAT(stage.wire.requests().at(1).body, HasSubstr("MaxRecords=100&NextToken=t"));
  EXPECT_THAT(stage.wire.requests().at(2).body, HasSubstr("MaxRecords=10&NextToken=t"));
  EXPECT_THAT(stage.wire.requests().at(3).body, HasSubstr("MaxRecords=10&NextToken=u"));
  EXPECT_THAT(stage.wire.requests().at(4).body, EndsWith("MaxRecords=10")) << "the next time at once";
}

TEST(autoscaling, no_page_of_all_groups_is_smaller_than_one) {
  client_stage stage;
  for (int size = 0; size < 3; ++size) stage.wire.fail(errc::too_large);

  const auto found = stage.play(autoscaling(stage.with).all_groups());

  EXPECT_EQ(found.error().code(), errc::too_large);
  EXPECT_EQ(stage.wire.unplayed(), 0U);
  EXPECT_THAT(stage.wire.requests().back().body, EndsWith("MaxRecords=1"));
}

TEST(autoscaling, an_outage_makes_no_page_smaller) {
  client_stage stage;

  const auto found = stage.play(autoscaling(stage.with).all_groups());

  EXPECT_EQ(found.error().code(), errc::unreachable);
  EXPECT_THAT(stage.wire.requests().back().body, EndsWith("MaxRecords=100"));
}

std::string activities_answer(const std::string& content) {
  return "<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult>" + content +
         "</DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>";
}

TEST(autoscaling, tells_why_a_group_ended_an_instance) {
  client_stage stage;
  stage.wire.answer(
      200,
      activities_answer("<Activities><member><ActivityId>a</ActivityId><Description>Terminating EC2 instance: i-1"
                        "</Description><Cause>At 2026-03-02T10:15:30Z a user request &amp; more</Cause>"
                        "<StartTime>2026-03-02T10:15:31.5Z</StartTime><StatusCode>Successful</StatusCode></member>"
                        "<member><Description>Launching a new EC2 instance: i-2</Description>"
                        "<StartTime>2026-03-02T10:00:00Z</StartTime></member></Activities><NextToken>t</NextToken>"));

  const auto found = stage.play(autoscaling(stage.with).activities("web"));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->activities.size(), 2U);
  EXPECT_EQ(found->activities.at(0).description, "Terminating EC2 instance: i-1");
  EXPECT_EQ(found->activities.at(0).cause, "At 2026-03-02T10:15:30Z a user request & more");
  EXPECT_EQ(found->activities.at(0).started,
            std::chrono::sys_days(std::chrono::March / 2 / 2026) + 10h + 15min + 31s + 500ms);
  EXPECT_EQ(found->activities.at(1).description, "Launching a new EC2 instance: i-2");
  ASSERT_EQ(stage.wire.requests().size(), 1U);
  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=DescribeScalingActivities&Version=2011-01-01&AutoScalingGroupName=web&MaxRecords=100");
}

TEST(autoscaling, tells_of_older_activities_page_by_page) {
  client_stage stage;
  stage.wire.answer(200, activities_answer("<Activities/><NextToken>t</NextToken>"));
  stage.wire.answer(200, activities_answer("<Activities/>"));

  const auto newest = stage.play(autoscaling(stage.with).activities("web"));
  ASSERT_TRUE(newest);
  const auto older = stage.play(autoscaling(stage.with).activities("web", newest->next));

  ASSERT_TRUE(older);
  EXPECT_EQ(newest->next, "t");
  EXPECT_EQ(older->next, "");
  EXPECT_EQ(stage.wire.requests().at(1).body,
            "Action=DescribeScalingActivities&Version=2011-01-01&AutoScalingGroupName=web&MaxRecords=100&NextToken=t");
}

TEST(autoscaling, knows_no_activities_from_an_answer_it_cannot_read_and_from_an_unknown_group) {
  client_stage stage;
  stage.wire.answer(200, activities_answer("<Activities/>"));
  stage.wire.answer(200, activities_answer(""));
  stage.wire.answer(200, activities_answer("<Activities><member><Cause>c</Cause></member></Activities>"));
  stage.wire.answer(400, validation_error("AutoScalingGroup name not found - AutoScalingGroup 'web' not found"));

  const auto none = stage.play(autoscaling(stage.with).activities("web"));
  ASSERT_TRUE(none);
  EXPECT_THAT(none->activities, IsEmpty());
  for (const auto why : {errc::unreachable, errc::unreachable, errc::not_found}) {
    const auto found = stage.play(autoscaling(stage.with).activities("web"));

    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), why);
  }
}

TEST(autoscaling, a_desired_capacity_whose_answer_is_lost_is_not_set_again_unseen) {
  client_stage stage;
  stage.wire.answer(503, "");

  EXPECT_FALSE(stage.play(autoscaling(stage.with).set_desired("web", 5)));

  EXPECT_EQ(stage.wire.requests().size(), 1U);
}

TEST(autoscaling, sets_the_desired_capacity_without_a_cooldown) {
  client_stage stage;
  stage.wire.answer(200, "<SetDesiredCapacityResponse><ResponseMetadata/></SetDesiredCapacityResponse>");

  EXPECT_TRUE(stage.play(autoscaling(stage.with).set_desired("web", 5)));

  ASSERT_EQ(stage.wire.requests().size(), 1U);
  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=SetDesiredCapacity&Version=2011-01-01&AutoScalingGroupName=web&DesiredCapacity=5&"
            "HonorCooldown=false");
}

TEST(autoscaling, tells_a_capacity_out_of_bounds_from_a_group_that_is_not_there) {
  client_stage stage;
  stage.wire.answer(400, validation_error("New SetDesiredCapacity value 9 is above max value 5 for the "
                                          "AutoScalingGroup."));
  stage.wire.answer(400, validation_error("AutoScalingGroup name not found - null"));

  const auto above = stage.play(autoscaling(stage.with).set_desired("web", 9));
  const auto unknown = stage.play(autoscaling(stage.with).set_desired("web", 5));

  ASSERT_FALSE(above);
  EXPECT_EQ(above.error().code(), errc::rejected);
  EXPECT_THAT(above.error().what(), HasSubstr("above max value 5"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), errc::not_found);
}

TEST(autoscaling, detaches_an_instance_that_the_group_then_replaces) {
  client_stage stage;
  stage.wire.answer(200,
                    "<DetachInstancesResponse><DetachInstancesResult><Activities/></DetachInstancesResult>"
                    "</DetachInstancesResponse>");

  EXPECT_TRUE(stage.play(autoscaling(stage.with).detach("asg", "i-1")));

  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=DetachInstances&Version=2011-01-01&AutoScalingGroupName=asg&InstanceIds.member.1=i-1&"
            "ShouldDecrementDesiredCapacity=false");
}

TEST(autoscaling, ends_an_instance_that_the_group_does_not_replace) {
  client_stage stage;
  stage.wire.answer(
      200,
      "<TerminateInstanceInAutoScalingGroupResponse><TerminateInstanceInAutoScalingGroupResult><Activity/>"
      "</TerminateInstanceInAutoScalingGroupResult></TerminateInstanceInAutoScalingGroupResponse>");

  EXPECT_TRUE(stage.play(autoscaling(stage.with).terminate("i-1", true)));

  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=TerminateInstanceInAutoScalingGroup&Version=2011-01-01&InstanceId=i-1&"
            "ShouldDecrementDesiredCapacity=true");
}

TEST(autoscaling, does_not_send_again_what_must_not_happen_twice) {
  client_stage stage;
  for (int i = 0; i < 4; ++i) stage.wire.fail(errc::timeout);

  const auto detached = stage.play(autoscaling(stage.with).detach("asg", "i-1"));
  const auto ended = stage.play(autoscaling(stage.with).terminate("i-1", true));

  ASSERT_FALSE(detached);
  EXPECT_EQ(detached.error().code(), errc::timeout);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::timeout);
  ASSERT_EQ(stage.wire.requests().size(), 2U);
  EXPECT_TRUE(stage.wire.requests().at(0).fresh_connection);
  EXPECT_TRUE(stage.wire.requests().at(1).fresh_connection);
}

TEST(autoscaling, does_not_find_an_instance_that_has_left_its_group) {
  client_stage stage;
  stage.wire.answer(400, validation_error("The instance i-1 is not part of Auto Scaling group asg."));
  stage.wire.answer(400, validation_error("The instance i-1 is not in InService or Standby."));
  stage.wire.answer(400, validation_error("Instance Id not found - No managed instance found for instance ID i-1"));

  const auto foreign = stage.play(autoscaling(stage.with).detach("asg", "i-1"));
  const auto leaving = stage.play(autoscaling(stage.with).detach("asg", "i-1"));
  const auto ended = stage.play(autoscaling(stage.with).terminate("i-1", true));

  ASSERT_TRUE(foreign.has_error() && leaving.has_error() && ended.has_error());
  EXPECT_EQ(foreign.error().code(), errc::not_found);
  EXPECT_EQ(leaving.error().code(), errc::not_found);
  EXPECT_EQ(ended.error().code(), errc::not_found);
}

TEST(autoscaling, does_not_ask_for_everything_when_asked_for_nothing) {
  client_stage stage;

  EXPECT_TRUE(stage.play(autoscaling(stage.with).instances({})));
  EXPECT_TRUE(stage.play(autoscaling(stage.with).groups({})));

  EXPECT_TRUE(stage.wire.requests().empty());
}

}  // namespace
}  // namespace lifehook::aws
