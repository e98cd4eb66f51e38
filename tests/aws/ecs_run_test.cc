#include "aws/ecs_run.h"

#include "tests/support/client_stage.h"

#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

std::string refusal(const std::string& code, const std::string& message) {
  return R"({"__type":")" + code + R"(","message":")" + message + R"("})";
}

const std::string ran = R"({"tasks":[{"taskArn":"t2","lastStatus":"PROVISIONING"}],"failures":[]})";

// What RunTask was asked for, when all went well.
std::string body_of(run_request what) {
  client_stage stage;
  stage.wire.answer(200, ran);
  EXPECT_TRUE(stage.play(ecs_runner(stage.with).run(std::move(what))));
  return stage.wire.requests().at(0).body;
}

TEST(ecs_runner, reads_all_that_is_needed_to_run_a_task_again) {
  client_stage stage;
  stage.wire.answer(200, R"({"tasks":[{"taskArn":"t1","taskDefinitionArn":"def:3","lastStatus":"STOPPED",
    "desiredStatus":"STOPPED","group":"family:report","startedBy":"cron","stopCode":"SpotInterruption",
    "stoppedReason":"Your Spot Task was interrupted.","stoppedAt":1771234567.5,"launchType":"FARGATE","capacityProviderName":"FARGATE_SPOT",
    "platformVersion":"1.4.0","enableExecuteCommand":true,
    "overrides":{"containerOverrides":[{"name":"app","command":["run"]}],"inferenceAcceleratorOverrides":[]},
    "tags":[{"key":"Team","value":"web"},{"key":"aws:ecs:clusterName","value":"c"}],
    "containers":[{"name":"app","exitCode":137},{"name":"log","exitCode":0},{"name":"late"}],
    "attachments":[{"type":"ElasticNetworkInterface","status":"DELETED","details":[{"name":"subnetId","value":"subnet-1"},
      {"name":"networkInterfaceId","value":"eni-1"},{"name":"macAddress","value":"0a"},
      {"name":"privateIPv4Address","value":"10.0.0.7"}]},
      {"type":"ServiceConnect","details":[{"name":"subnetId","value":"no"}]}]}],"failures":[]})");

  const auto read = stage.play(ecs_runner(stage.with).describe("c", "t1"));

  ASSERT_TRUE(read);
  ASSERT_TRUE(*read);
  const auto& task = **read;
  EXPECT_EQ(task.arn, "t1");
  EXPECT_EQ(task.definition_arn, "def:3");
  EXPECT_EQ(task.last_status, "STOPPED");
  EXPECT_EQ(task.desired_status, "STOPPED");
  EXPECT_EQ(task.group, "family:report");
  EXPECT_EQ(task.started_by, "cron");
  EXPECT_EQ(task.stop_code, "SpotInterruption");
  EXPECT_EQ(task.stopped_reason, "Your Spot Task was interrupted.");
  EXPECT_EQ(task.stopped_at, time_point(std::chrono::milliseconds(1'771'234'567'500)));
  EXPECT_EQ(task.launch_type, "FARGATE");
  EXPECT_EQ(task.capacity_provider, "FARGATE_SPOT");
  EXPECT_EQ(task.platform_version, "1.4.0");
  EXPECT_TRUE(task.enable_execute_command);
  EXPECT_EQ(boost::json::serialize(task.overrides),
            R"({"containerOverrides":[{"name":"app","command":["run"]}],"inferenceAcceleratorOverrides":[]})");
  EXPECT_THAT(task.tags, ElementsAre(Pair("Team", "web"), Pair("aws:ecs:clusterName", "c")));
  ASSERT_EQ(task.containers.size(), 3U);
  EXPECT_EQ(task.containers[0].name, "app");
  EXPECT_EQ(task.containers[0].exit_code, 137);
  EXPECT_EQ(task.containers[1].exit_code, 0);
  EXPECT_EQ(task.containers[2].exit_code, std::nullopt);
  EXPECT_EQ(task.interface_id, "eni-1");
  EXPECT_EQ(task.subnet, "subnet-1");
  EXPECT_EQ(task.private_address, "10.0.0.7");
  EXPECT_FALSE(task.of_service());
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"), "AmazonEC2ContainerServiceV20141113.DescribeTasks");
  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"cluster":"c","tasks":["t1"],"include":["TAGS"]})");
}

TEST(ecs_runner, knows_a_task_of_a_service) {
  whole_task task;
  EXPECT_FALSE(task.of_service());

  task.group = "service:web";
  EXPECT_TRUE(task.of_service());

  task = {};
  task.started_by = "ecs-svc/1";
  EXPECT_TRUE(task.of_service());
}

TEST(ecs_runner, knows_a_task_that_is_gone_from_one_that_was_not_mentioned) {
  client_stage stage;
  stage.wire.answer(200, R"({"tasks":[],"failures":[{"arn":"t1","reason":"MISSING"}]})");

  const auto gone = stage.play(ecs_runner(stage.with).describe("c", "t1"));

  ASSERT_TRUE(gone);
  EXPECT_FALSE(*gone);
  for (const auto* const answer :
       {"{}", R"({"tasks":[],"failures":[]})", R"({"tasks":[{"taskArn":"other","lastStatus":"STOPPED"}]})",
        R"({"tasks":[{"taskArn":"t1","lastStatus":"STOPPED"}]})",
        R"({"tasks":[{"taskArn":"t1","taskDefinitionArn":"d"}]})",
        R"({"failures":[{"arn":"t1","reason":"SOMETHING"}]})"}) {
    stage.wire.answer(200, answer);

    const auto unanswered = stage.play(ecs_runner(stage.with).describe("c", "t1"));

    ASSERT_FALSE(unanswered) << answer;
    EXPECT_EQ(unanswered.error().code(), errc::unreachable) << answer;
  }
}

TEST(ecs_runner, calls_an_unknown_cluster_denied_so_that_a_person_looks) {
  for (const std::string code : {"ClusterNotFoundException", "ClusterNotFound"}) {
    client_stage stage;
    for (int i = 0; i < 3; ++i) stage.wire.answer(400, refusal(code, "Cluster not found."));

    const auto task = stage.play(ecs_runner(stage.with).describe("c", "t1"));
    const auto run = stage.play(ecs_runner(stage.with).run({.cluster = "c", .definition_arn = "d"}));
    const auto groups = stage.play(ecs_runner(stage.with).target_groups("c", "web"));

    ASSERT_TRUE(task.has_error() && run.has_error() && groups.has_error());
    EXPECT_EQ(task.error().code(), errc::denied) << code;
    EXPECT_EQ(run.error().code(), errc::denied) << code;
    EXPECT_EQ(groups.error().code(), errc::denied) << code;
  }
}

TEST(ecs_runner, runs_a_fargate_task_as_it_was) {
  client_stage stage;
  stage.wire.answer(200, ran);

  const auto answer = stage.play(
      ecs_runner(stage.with)
          .run({.cluster = "c",
                .definition_arn = "def:3",
                .group = "nightly",
                .started_by = "lifehook",
                .client_token = "token",
                .launch_type = "",
                .capacity_provider = "FARGATE_SPOT",
                .platform_version = "1.4.0",
                .enable_execute_command = true,
                .overrides = {{"containerOverrides", boost::json::array{boost::json::object{{"name", "app"}}}}},
                .tags = {{"Team", "web"}},
                .network = task_network{{"subnet-1", "subnet-2"}, {"sg-1"}, true}}));

  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->arns, ElementsAre("t2"));
  EXPECT_THAT(answer->failures, IsEmpty());
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"), "AmazonEC2ContainerServiceV20141113.RunTask");
  EXPECT_EQ(stage.wire.requests().at(0).body,
            R"({"cluster":"c","taskDefinition":"def:3","count":1,"clientToken":"token","group":"nightly",)"
            R"("startedBy":"lifehook","capacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT","weight":1}],)"
            R"("platformVersion":"1.4.0","networkConfiguration":{"awsvpcConfiguration":{)"
            R"("subnets":["subnet-1","subnet-2"],"securityGroups":["sg-1"],"assignPublicIp":"ENABLED"}},)"
            R"("overrides":{"containerOverrides":[{"name":"app"}]},"tags":[{"key":"Team","value":"web"}],)"
            R"("enableExecuteCommand":true})");
}

TEST(ecs_runner, asks_for_a_launch_type_or_a_capacity_provider_never_both) {
  EXPECT_EQ(body_of({.cluster = "c", .definition_arn = "d", .launch_type = "EC2", .capacity_provider = "spot"}),
            R"({"cluster":"c","taskDefinition":"d","count":1,"launchType":"EC2"})");
  EXPECT_EQ(body_of({.cluster = "c", .definition_arn = "d"}), R"({"cluster":"c","taskDefinition":"d","count":1})");
}

TEST(ecs_runner, names_a_platform_version_on_fargate_only) {
  const auto body = [](std::string launch_type, std::string provider) {
    return body_of({.cluster = "c",
                    .definition_arn = "d",
                    .launch_type = std::move(launch_type),
                    .capacity_provider = std::move(provider),
                    .platform_version = "1.4.0"});
  };

  EXPECT_THAT(body("FARGATE", ""), HasSubstr("platformVersion"));
  EXPECT_THAT(body("", "FARGATE"), HasSubstr("platformVersion"));
  EXPECT_THAT(body("EC2", ""), Not(HasSubstr("platformVersion")));
  EXPECT_THAT(body("", "my-spot"), Not(HasSubstr("platformVersion")));
  EXPECT_THAT(body("", ""), Not(HasSubstr("platformVersion")));
}

TEST(ecs_runner, keeps_a_private_network_private) {
  EXPECT_EQ(body_of({.cluster = "c", .definition_arn = "d", .network = task_network{{"subnet-1"}, {}, false}}),
            R"({"cluster":"c","taskDefinition":"d","count":1,"networkConfiguration":{"awsvpcConfiguration":{)"
            R"("subnets":["subnet-1"],"assignPublicIp":"DISABLED"}}})");
}

TEST(ecs_runner, leaves_out_the_tags_and_groups_that_are_for_aws_to_give) {
  EXPECT_EQ(body_of({.cluster = "c",
                     .definition_arn = "d",
                     .tags = {{"aws:ecs:clusterName", "c"}, {"AWS:x", "y"}, {"aws", "kept"}}}),
            R"({"cluster":"c","taskDefinition":"d","count":1,"tags":[{"key":"aws","value":"kept"}]})");
  EXPECT_EQ(body_of({.cluster = "c", .definition_arn = "d", .tags = {{"aws:ecs:clusterName", "c"}}}),
            R"({"cluster":"c","taskDefinition":"d","count":1})");
  for (const std::string group : {"family:report", "service:web"})
    EXPECT_EQ(body_of({.cluster = "c", .definition_arn = "d", .group = group}),
              R"({"cluster":"c","taskDefinition":"d","count":1})");
}

TEST(ecs_runner, runs_again_only_with_a_token_that_makes_it_one_task) {
  client_stage stage;
  stage.wire.fail(errc::timeout).answer(200, ran).fail(errc::timeout).answer(200, ran);

  const auto with_token =
      stage.play(ecs_runner(stage.with).run({.cluster = "c", .definition_arn = "d", .client_token = "token"}));
  const auto without_token = stage.play(ecs_runner(stage.with).run({.cluster = "c", .definition_arn = "d"}));

  EXPECT_TRUE(with_token);
  ASSERT_FALSE(without_token);
  EXPECT_EQ(without_token.error().code(), errc::timeout);
  ASSERT_EQ(stage.wire.requests().size(), 3U);
  EXPECT_TRUE(stage.wire.requests().at(2).fresh_connection);
}

TEST(ecs_runner, tells_why_a_task_found_no_room) {
  client_stage stage;
  stage.wire.answer(200, R"({"tasks":[],"failures":[{"arn":"ci-1","reason":"RESOURCE:MEMORY"},
    {"arn":"ci-2","reason":"AGENT"}]})");
  stage.wire.answer(400, refusal("InvalidParameterException", "No Container Instances were found in your cluster."));

  const auto full = stage.play(ecs_runner(stage.with).run({.cluster = "c", .definition_arn = "d"}));
  const auto empty = stage.play(ecs_runner(stage.with).run({.cluster = "c", .definition_arn = "d"}));

  ASSERT_TRUE(full);
  EXPECT_THAT(full->arns, IsEmpty());
  EXPECT_THAT(full->failures, ElementsAre("RESOURCE:MEMORY", "AGENT"));
  ASSERT_TRUE(empty);
  EXPECT_THAT(empty->arns, IsEmpty());
  EXPECT_THAT(empty->failures, ElementsAre("No Container Instances were found in your cluster."));
}

TEST(ecs_runner, does_not_take_an_answer_that_mentions_no_task_for_a_run) {
  for (const auto* const answer : {"{}", R"({"tasks":[],"failures":[]})", R"({"tasks":[{}]})"}) {
    client_stage stage;
    stage.wire.answer(200, answer);

    const auto run = stage.play(ecs_runner(stage.with).run({.cluster = "c", .definition_arn = "d"}));

    ASSERT_FALSE(run) << answer;
    EXPECT_EQ(run.error().code(), errc::unreachable) << answer;
  }
}

TEST(ecs_runner, knows_a_token_that_was_used_for_another_request) {
  client_stage stage;
  stage.wire.answer(400, refusal("ConflictException", "The provided clientToken is already in use"));
  stage.wire.answer(400, refusal("InvalidParameterException", "TaskDefinition is inactive"));

  const auto used =
      stage.play(ecs_runner(stage.with).run({.cluster = "c", .definition_arn = "d", .client_token = "t"}));
  const auto refused =
      stage.play(ecs_runner(stage.with).run({.cluster = "c", .definition_arn = "d", .client_token = "t"}));

  ASSERT_FALSE(used);
  EXPECT_TRUE(is_token_used(used.error()));
  ASSERT_FALSE(refused);
  EXPECT_FALSE(is_token_used(refused.error()));
  EXPECT_EQ(refused.error().code(), errc::rejected);
  EXPECT_EQ(stage.wire.requests().size(), 2U);
}

TEST(ecs_runner, names_the_containers_a_task_lives_by) {
  client_stage stage;
  stage.wire.answer(200, R"({"taskDefinition":{"containerDefinitions":[{"name":"app","essential":true},
    {"name":"log","essential":false},{"name":"web"}]},"tags":[]})");

  const auto names = stage.play(ecs_runner(stage.with).essential_containers("def:3"));

  ASSERT_TRUE(names);
  EXPECT_THAT(*names, ElementsAre("app", "web"));
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"),
            "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition");
  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"taskDefinition":"def:3"})");
}

TEST(ecs_runner, does_not_find_a_definition_that_is_not_there_nor_containers_in_half_an_answer) {
  client_stage stage;
  stage.wire.answer(400, refusal("ClientException", "Unable to describe task definition."));
  stage.wire.answer(200, "{}");
  stage.wire.answer(200, R"({"taskDefinition":{"containerDefinitions":[]}})");

  for (const auto why : {errc::not_found, errc::unreachable, errc::unreachable}) {
    const auto names = stage.play(ecs_runner(stage.with).essential_containers("def:3"));

    ASSERT_FALSE(names);
    EXPECT_EQ(names.error().code(), why);
  }
}

TEST(ecs_runner, names_the_target_groups_of_a_service_each_once) {
  client_stage stage;
  stage.wire.answer(200, R"({"services":[{"serviceName":"web","loadBalancers":[
    {"targetGroupArn":"tg-1","containerName":"app","advancedConfiguration":{"alternateTargetGroupArn":"tg-2"}},
    {"targetGroupArn":"tg-1","containerPort":81},{"loadBalancerName":"classic"}],
    "taskSets":[{"loadBalancers":[{"targetGroupArn":"tg-3"},{"targetGroupArn":"tg-2"}]}]}],"failures":[]})");

  const auto groups = stage.play(ecs_runner(stage.with).target_groups("c", "web"));

  ASSERT_TRUE(groups);
  EXPECT_THAT(*groups, ElementsAre("tg-1", "tg-2", "tg-3"));
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"),
            "AmazonEC2ContainerServiceV20141113.DescribeServices");
  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"cluster":"c","services":["web"]})");
}

TEST(ecs_runner, has_no_target_groups_for_an_unknown_service_but_needs_an_answer) {
  client_stage stage;
  stage.wire.answer(200, R"({"services":[],"failures":[{"arn":"web","reason":"MISSING"}]})");
  stage.wire.answer(200, R"({"services":[],"failures":[]})");

  const auto unknown = stage.play(ecs_runner(stage.with).target_groups("c", "web"));
  const auto unanswered = stage.play(ecs_runner(stage.with).target_groups("c", "web"));

  ASSERT_TRUE(unknown);
  EXPECT_THAT(*unknown, IsEmpty());
  ASSERT_FALSE(unanswered);
  EXPECT_EQ(unanswered.error().code(), errc::unreachable);
}

}  // namespace
}  // namespace lifehook::aws
