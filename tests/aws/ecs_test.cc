#include "aws/ecs.h"

#include "tests/support/client_stage.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace lifehook::aws {
namespace {

using testing::ElementsAre;

std::string sample(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(LIFEHOOK_SOURCE "/tests/data/answers/" + name).rdbuf();
  return text.str();
}

TEST(ecs, finds_one_instance_by_filter_in_every_state) {
  client_stage stage;
  stage.wire.answer(200, R"({"containerInstanceArns":["arn1"]})");

  const auto arns = stage.play(ecs(stage.with).find_container_instances("c", {"i-0abc"}));

  ASSERT_TRUE(arns);
  EXPECT_THAT(*arns, ElementsAre("arn1"));
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"),
            "AmazonEC2ContainerServiceV20141113.ListContainerInstances");
  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"cluster":"c","filter":"ec2InstanceId == i-0abc","maxResults":100})");
}

TEST(ecs, finds_several_instances_with_one_filter_on_all_pages) {
  client_stage stage;
  stage.wire.answer(200, R"({"containerInstanceArns":["arn1"],"nextToken":"t"})");
  stage.wire.answer(200, R"({"containerInstanceArns":["arn2"]})");

  const auto arns = stage.play(ecs(stage.with).find_container_instances("c", {"i-a", "i-b"}));

  ASSERT_TRUE(arns);
  EXPECT_THAT(*arns, ElementsAre("arn1", "arn2"));
  EXPECT_EQ(stage.wire.requests().at(1).body,
            R"({"cluster":"c","filter":"ec2InstanceId in [i-a, i-b]","maxResults":100,"nextToken":"t"})");
}

TEST(ecs, does_not_put_into_the_filter_what_is_no_instance_id) {
  client_stage stage;

  const auto arns = stage.play(ecs(stage.with).find_container_instances("c", {"i-1 or agentConnected == true"}));

  ASSERT_FALSE(arns);
  EXPECT_EQ(arns.error().code(), errc::rejected);
  EXPECT_TRUE(stage.wire.requests().empty());
}

TEST(ecs, stops_after_a_thousand_pages) {
  client_stage stage;
  for (int i = 0; i < 1001; ++i) stage.wire.answer(200, R"({"clusterArns":[],"nextToken":"t"})");

  EXPECT_FALSE(stage.play(ecs(stage.with).list_clusters()));

  EXPECT_EQ(stage.wire.requests().size(), 1000U);
}

TEST(ecs, lists_what_is_missing_beside_what_it_found) {
  client_stage stage;
  stage.wire.answer(200,
                    R"({"containerInstances":[{"containerInstanceArn":"arn1","ec2InstanceId":"i-1","status":"DRAINING",
    "agentConnected":false,"runningTasksCount":2,"pendingTasksCount":1}],"failures":[{"arn":"arn2","reason":"MISSING"}]})");

  const auto listing = stage.play(ecs(stage.with).describe_container_instances("c", {"arn1", "arn2"}));

  ASSERT_TRUE(listing);
  ASSERT_EQ(listing->found.size(), 1U);
  const auto& instance = listing->found.front();
  EXPECT_EQ(instance.arn, "arn1");
  EXPECT_EQ(instance.ec2_instance_id, "i-1");
  EXPECT_EQ(instance.status, "DRAINING");
  EXPECT_FALSE(instance.agent_connected);
  EXPECT_EQ(instance.running_tasks, 2);
  EXPECT_EQ(instance.pending_tasks, 1);
  ASSERT_EQ(listing->failures.size(), 1U);
  EXPECT_EQ(listing->failures.front().reason, "MISSING");
}

TEST(ecs, reads_a_container_instance_among_all_that_ecs_says_of_it) {
  for (const auto call : {"DescribeContainerInstances", "UpdateContainerInstancesState"}) {
    client_stage stage;
    stage.wire.answer(200, sample("ecs-container-instances.json"));
    ecs under_test(stage.with);

    const auto listing = stage.play(std::string_view(call) == "DescribeContainerInstances"
                                        ? under_test.describe_container_instances("prod", {"a", "b"})
                                        : under_test.set_state("prod", {"a", "b"}, "DRAINING"));

    ASSERT_TRUE(listing) << call;
    ASSERT_EQ(listing->found.size(), 1U);
    const auto& instance = listing->found.front();
    EXPECT_EQ(instance.arn,
              "arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    EXPECT_EQ(instance.ec2_instance_id, "i-0a1b2c3d4e5f60718");
    EXPECT_EQ(instance.status, "DRAINING");
    EXPECT_TRUE(instance.agent_connected);
    EXPECT_EQ(instance.running_tasks, 2);
    EXPECT_EQ(instance.pending_tasks, 1);
    ASSERT_EQ(listing->failures.size(), 1U);
    EXPECT_EQ(listing->failures.front().reason, "MISSING");
    EXPECT_TRUE(listing->failures.front().arn.ends_with("c3d2e1f1"));
  }
}

TEST(ecs, reads_a_task_among_all_that_ecs_says_of_it) {
  client_stage stage;
  stage.wire.answer(200, sample("ecs-describe-tasks.json"));

  const auto listing = stage.play(ecs(stage.with).describe_tasks("prod", {"t"}));

  ASSERT_TRUE(listing);
  ASSERT_EQ(listing->found.size(), 1U);
  const auto& task = listing->found.front();
  EXPECT_EQ(task.arn, "arn:aws:ecs:eu-west-1:111122223333:task/prod/1a2b3c4d5e6f47088192a3b4c5d6e7f8");
  EXPECT_EQ(task.last_status, "RUNNING");
  EXPECT_EQ(task.group, "service:web");
  EXPECT_EQ(task.started_by, "ecs-svc/1234567890123456789");
  EXPECT_EQ(task.container_instance_arn,
            "arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/0f1e2d3c4b5a69788796a5b4c3d2e1f0");
}

TEST(ecs, takes_an_answer_broken_where_nobody_reads_for_none) {
  client_stage stage;
  stage.wire.answer(200, R"({"containerInstances":[{"containerInstanceArn":"arn1","status":"DRAINING",
    "runningTasksCount":0,"pendingTasksCount":0,"attributes":[{"name":}]}],"failures":[]})");

  const auto listing = stage.play(ecs(stage.with).describe_container_instances("c", {"arn1"}));

  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().code(), errc::unreachable);
}

TEST(ecs, does_not_take_a_count_it_cannot_read_for_zero_tasks) {
  for (const auto* counts :
       {R"("agentConnected":true)", R"("runningTasksCount":0)", R"("pendingTasksCount":0)",
        R"("runningTasksCount":"0","pendingTasksCount":0)", R"("runningTasksCount":0,"pendingTasksCount":null)",
        R"("runningTasksCount":-1,"pendingTasksCount":0)", R"("runningTasksCount":{},"pendingTasksCount":0)"}) {
    client_stage stage;
    stage.wire.answer(
        200,
        std::string(R"({"containerInstances":[{"containerInstanceArn":"arn1","status":"DRAINING",)") + counts + "}]}");

    const auto listing = stage.play(ecs(stage.with).describe_container_instances("c", {"arn1"}));

    ASSERT_FALSE(listing) << counts;
    EXPECT_EQ(listing.error().code(), errc::unreachable) << counts;
  }
}

TEST(ecs, does_not_take_a_listing_it_cannot_read_for_an_empty_one) {
  for (const auto* answer : {"{}", R"({"taskArns":null})", R"({"taskArns":{}})", R"({"taskArns":[7]})",
                             R"({"taskArns":[],"nextToken":7})"}) {
    client_stage stage;
    stage.wire.answer(200, answer);

    const auto tasks = stage.play(ecs(stage.with).list_tasks("c", "arn", "STOPPED"));

    ASSERT_FALSE(tasks) << answer;
    EXPECT_EQ(tasks.error().code(), errc::unreachable) << answer;
  }
}

TEST(ecs, sets_the_state_of_instances) {
  client_stage stage;
  stage.wire.answer(200, R"({"containerInstances":[],"failures":[]})");

  EXPECT_TRUE(stage.play(ecs(stage.with).set_state("c", {"arn"}, "DRAINING")));

  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"cluster":"c","containerInstances":["arn"],"status":"DRAINING"})");
}

TEST(ecs, calls_an_unknown_cluster_denied_so_that_a_person_looks) {
  for (const std::string code : {"ClusterNotFoundException", "ClusterNotFound"}) {
    client_stage stage;
    stage.wire.answer(400, R"({"__type":")" + code + R"(","message":"Cluster not found."})");

    const auto arns = stage.play(ecs(stage.with).find_container_instances("c", {"i-1"}));

    ASSERT_FALSE(arns);
    EXPECT_EQ(arns.error().code(), errc::denied) << code;
    EXPECT_TRUE(is_unknown_cluster(arns.error())) << code;
  }
}

TEST(ecs, deregisters_with_or_without_force) {
  client_stage stage;
  stage.wire.answer(200, R"({"containerInstance":{}})");

  EXPECT_TRUE(stage.play(ecs(stage.with).deregister("c", "arn", true)));

  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"cluster":"c","containerInstance":"arn","force":true})");
}

TEST(ecs, lists_tasks_of_an_instance_or_of_the_cluster) {
  client_stage stage;
  stage.wire.answer(200, R"({"taskArns":["t1"]})").answer(200, R"({"taskArns":[]})");

  const auto of_instance = stage.play(ecs(stage.with).list_tasks("c", "arn", "STOPPED"));
  const auto of_cluster = stage.play(ecs(stage.with).list_tasks("c", "", "RUNNING"));

  ASSERT_TRUE(of_instance && of_cluster);
  EXPECT_THAT(*of_instance, ElementsAre("t1"));
  EXPECT_EQ(stage.wire.requests().at(0).body,
            R"({"cluster":"c","desiredStatus":"STOPPED","maxResults":100,"containerInstance":"arn"})");
  EXPECT_EQ(stage.wire.requests().at(1).body, R"({"cluster":"c","desiredStatus":"RUNNING","maxResults":100})");
}

TEST(ecs, tells_tasks_of_services_from_standalone_ones) {
  client_stage stage;
  stage.wire.answer(200, R"({"tasks":[
    {"taskArn":"t1","lastStatus":"RUNNING","desiredStatus":"STOPPED","group":"service:web","startedBy":"ecs-svc/1"},
    {"taskArn":"t2","lastStatus":"STOPPING","desiredStatus":"STOPPED","group":"family:report","containerInstanceArn":"ci"}],
    "failures":[{"arn":"t3","reason":"MISSING"}]})");

  const auto tasks = stage.play(ecs(stage.with).describe_tasks("c", {"t1", "t2", "t3"}));

  ASSERT_TRUE(tasks);
  ASSERT_EQ(tasks->found.size(), 2U);
  EXPECT_TRUE(tasks->found[0].of_service());
  EXPECT_FALSE(tasks->found[1].of_service());
  EXPECT_EQ(tasks->found[1].last_status, "STOPPING");
  EXPECT_EQ(tasks->found[1].container_instance_arn, "ci");
  EXPECT_EQ(tasks->failures.front().arn, "t3");
}

TEST(ecs, stops_a_task_and_says_when_it_is_gone) {
  client_stage stage;
  stage.wire.answer(200, "{}").answer(
      400, R"({"__type":"InvalidParameterException","message":"The referenced task was not found."})");

  EXPECT_TRUE(stage.play(ecs(stage.with).stop_task("c", "t", "draining")));
  const auto gone = stage.play(ecs(stage.with).stop_task("c", "t", "draining"));

  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"cluster":"c","task":"t","reason":"draining"})");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code(), errc::not_found);
}

TEST(ecs, reads_why_a_service_may_not_move) {
  client_stage stage;
  stage.wire.answer(
      200, R"({"services":[{"serviceName":"web","schedulingStrategy":"REPLICA","desiredCount":3,"runningCount":2,
    "deploymentConfiguration":{"minimumHealthyPercent":100,"maximumPercent":100},
    "events":[{"message":"newest"},{"message":"older"}]}]})");

  const auto found = stage.play(ecs(stage.with).describe_services("c", {"web"}));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().name, "web");
  EXPECT_EQ(found->front().minimum_healthy_percent, 100);
  EXPECT_EQ(found->front().maximum_percent, 100);
  EXPECT_EQ(found->front().scheduling_strategy, "REPLICA");
  EXPECT_EQ(found->front().desired_count, 3);
  EXPECT_EQ(found->front().running_count, 2);
  EXPECT_THAT(found->front().recent_events, ElementsAre("newest", "older"));
}

TEST(ecs, names_the_protected_tasks_only) {
  client_stage stage;
  stage.wire.answer(200, R"({"protectedTasks":[{"taskArn":"t1","protectionEnabled":true},
    {"taskArn":"t2","protectionEnabled":false}],"failures":[{"arn":"t3","reason":"TASK_NOT_VALID"}]})");

  const auto guarded = stage.play(ecs(stage.with).protected_tasks("c", {"t1", "t2", "t3"}));

  ASSERT_TRUE(guarded);
  EXPECT_THAT(*guarded, ElementsAre("t1"));
}

TEST(ecs, leaves_out_clusters_it_does_not_know) {
  client_stage stage;
  stage.wire.answer(
      200,
      R"({"clusters":[{"clusterName":"c","status":"ACTIVE","runningTasksCount":7,"pendingTasksCount":2}],"failures":[{"arn":"x","reason":"MISSING"}]})");

  const auto clusters = stage.play(ecs(stage.with).describe_clusters({"c", "x"}));

  ASSERT_TRUE(clusters);
  ASSERT_EQ(clusters->size(), 1U);
  EXPECT_EQ(clusters->front().status, "ACTIVE");
  EXPECT_EQ(clusters->front().tasks, 9);
}

}  // namespace
}  // namespace lifehook::aws
