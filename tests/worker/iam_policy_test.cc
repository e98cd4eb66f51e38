#include "worker/iam_policy.h"
#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace lifehook::worker {
namespace {

namespace json = boost::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

iam_policy policy_of(std::string_view text, std::map<std::string, std::string, std::less<>> variables = {}) {
  const auto env = environment_of(std::move(variables));
  const auto read = parsed(text, env);
  EXPECT_TRUE(read.has_value()) << read.error().what();
  return read ? policy_for(*read, env) : iam_policy{};
}

// A statement of it by its id, as JSON; empty: there is none.
std::string statement(const iam_policy& in, std::string_view sid) {
  const auto read = json::parse(in.text);
  for (const auto& each : read.at("Statement").as_array())
    if (each.at("Sid").as_string() == sid) return json::serialize(each);
  return {};
}

std::vector<std::string> resources(const iam_policy& in, std::string_view sid) {
  const auto found = statement(in, sid);
  EXPECT_NE(found, "") << sid << " is not in " << in.text;
  if (found.empty()) return {};
  const auto of = json::parse(found).at("Resource");
  if (of.is_string()) return {std::string(of.as_string())};
  return json::value_to<std::vector<std::string>>(of);
}

std::string group_of(std::string_view name, std::string_view rest) {
  return fmt::format("  - {{name: {}, match: [\"{}-*\"], {}}}\n", name, name, rest);
}

std::string with_groups(std::string_view groups) { return queue_of("") + "groups:\n" + std::string(groups); }

constexpr std::string_view drains = "hooks: drain, terminating: [drain_ecs: {cluster: prod}]";

TEST(iam_policy, has_each_queue_where_it_is_and_sends_to_the_first_only) {
  const auto policy = policy_of(
      "queues:\n"
      "  - url: https://sqs.eu-west-1.amazonaws.com/111122223333/one\n"
      "  - url: https://sqs.us-east-1.amazonaws.com/444455556666/two\n"
      "groups:\n" +
      group_of("web", drains));

  EXPECT_THAT(resources(policy, "BaseQueue"),
              ElementsAre("arn:aws:sqs:eu-west-1:111122223333:one", "arn:aws:sqs:us-east-1:444455556666:two"));
  EXPECT_THAT(resources(policy, "AdoptHooksMessage"), ElementsAre("arn:aws:sqs:eu-west-1:111122223333:one"));
}

TEST(iam_policy, sends_nothing_where_no_hook_is_adopted) {
  const auto none = policy_of("adopt_after: 0s\n" + with_groups(group_of("web", drains)));

  EXPECT_EQ(statement(none, "AdoptHooksMessage"), "");
  EXPECT_THAT(none.text, Not(HasSubstr("sqs:SendMessage")));
  EXPECT_THAT(none.text, Not(HasSubstr("DescribeWarmPool")));
}

TEST(iam_policy, holds_hooks_to_the_groups_that_have_them) {
  const auto policy =
      policy_of(with_groups(group_of("web", drains) + group_of("api", "spot_interruption: [raise_capacity]")));

  EXPECT_THAT(resources(policy, "BaseHooks"), ElementsAre(testing::EndsWith("autoScalingGroupName/web-*")));
  EXPECT_THAT(resources(policy, "RaiseCapacityCapacity"), ElementsAre(testing::EndsWith("autoScalingGroupName/api-*")));
}

TEST(iam_policy, names_each_step_s_clusters_also_in_conditions) {
  const auto policy = policy_of(
      with_groups(group_of("web", drains) + group_of("api", "hooks: d, terminating: [drain_ecs: {clusters: [a, b]}]")));

  EXPECT_THAT(resources(policy, "DrainEcsCluster"), ElementsAre("arn:aws:ecs:eu-west-1:111122223333:cluster/a",
                                                                "arn:aws:ecs:eu-west-1:111122223333:cluster/b",
                                                                "arn:aws:ecs:eu-west-1:111122223333:cluster/prod"));
  EXPECT_THAT(statement(policy, "DrainEcsListTasks"), HasSubstr("cluster/a\",\"arn:aws:ecs:eu-west-1:111122223333:"));
  EXPECT_EQ(statement(policy, "ClustersAutoFindClusters"), "");
}

TEST(iam_policy, allows_what_a_setting_asks_for_where_it_is_written) {
  const auto plain = policy_of(with_groups(group_of("web", drains)));
  const auto more = policy_of(with_groups(
      group_of("web",
               "hooks: d, terminating: [drain_ecs: {clusters: auto, mode: deregister, standalone_tasks: stop}, "
               "create_image: {retain: {count: 3}}]")));

  for (const auto* action :
       {"ecs:ListClusters", "ecs:DeregisterContainerInstance", "ecs:StopTask", "ec2:DeregisterImage"}) {
    EXPECT_THAT(plain.text, Not(HasSubstr(action)));
    EXPECT_THAT(more.text, HasSubstr(action));
  }
  EXPECT_THAT(resources(more, "DrainEcsContainerInstances"),
              ElementsAre("arn:aws:ecs:eu-west-1:111122223333:container-instance/*/*"));
  EXPECT_THAT(more.remarks, Contains(HasSubstr("clusters: auto: drains are allowed in every ECS cluster")));
  EXPECT_THAT(plain.remarks, Not(Contains(HasSubstr("clusters: auto"))));
}

TEST(iam_policy, allows_what_an_event_asks_for_where_it_is_listed) {
  const auto of_list = [](std::string_view event) {
    return policy_of(with_groups(group_of("web", fmt::format("{}: [drain_ecs: {{cluster: prod}}]", event)))).text;
  };

  EXPECT_THAT(of_list("scheduled_change"), HasSubstr("ec2:DescribeInstanceStatus"));
  EXPECT_THAT(of_list("rebalance_recommendation"), Not(HasSubstr("ec2:DescribeInstanceStatus")));
}

TEST(iam_policy, leaves_out_what_nothing_is_configured_for) {
  const auto instances = policy_of(with_groups(group_of("web", "spot_interruption: [deregister_targets]")));
  const auto tasks = policy_of(
      with_groups("  - {name: jobs, match_clusters: [batch], task_interruption: [deregister_targets, rerun_task]}\n"));

  EXPECT_EQ(statement(instances, "DeregisterTargetsInterruptedTasks"), "");
  EXPECT_EQ(statement(instances, "BaseHooks"), "");
  EXPECT_THAT(resources(tasks, "DeregisterTargetsInterruptedTasks"),
              ElementsAre("arn:aws:ecs:eu-west-1:111122223333:task/batch/*"));
  EXPECT_THAT(tasks.remarks, Contains(HasSubstr("iam:PassRole")));
  EXPECT_THAT(tasks.remarks, Contains(HasSubstr("DeregisterTargets")));
}

TEST(iam_policy, allows_a_document_of_another_account_where_that_is) {
  const auto policy = policy_of(
      with_groups(group_of("web",
                           "hooks: d, terminating: [run_command: {document: "
                           "\"arn:aws:ssm:eu-west-1:999988887777:document/save-logs\", output_bucket: logs}]")));

  EXPECT_THAT(resources(policy, "RunCommandDocument"),
              Contains("arn:aws:ssm:eu-west-1:999988887777:document/save-logs"));
  EXPECT_THAT(resources(policy, "RunCommandOutputBucket"), ElementsAre("arn:aws:s3:::logs"));
}

TEST(iam_policy, lets_it_publish_to_its_topics_wherever_they_are_and_to_no_other) {
  const auto policy = policy_of(
      with_groups(group_of("web",
                           "hooks: d, terminating: [notify: {topic: \"arn:aws:sns:eu-west-1:111122223333:fleet\"}, "
                           "notify: {topic: \"arn:aws:sns:us-east-1:999988887777:ours.fifo\"}]")));

  EXPECT_THAT(resources(policy, "NotifyTopic"),
              ElementsAre("arn:aws:sns:eu-west-1:111122223333:fleet", "arn:aws:sns:us-east-1:999988887777:ours.fifo"));
  EXPECT_THAT(statement(policy, "NotifyTopic"), HasSubstr("\"Action\":[\"sns:Publish\"]"));
  EXPECT_THAT(policy.remarks, Contains(HasSubstr("encrypted-topic.json")));
}

TEST(iam_policy, takes_no_account_of_a_document_for_that_of_instances) {
  const auto of_document = [](std::string_view document) {
    return policy_of(with_groups(group_of(
        "web", fmt::format("hooks: d, terminating: [run_command: {{document: \"{}\", output_bucket: b}}]", document))));
  };

  const auto shared = of_document("arn:aws:ssm:eu-west-1:999988887777:document/save-logs:3");
  EXPECT_THAT(resources(shared, "RunCommandDocument"),
              ElementsAre("arn:aws:ssm:eu-west-1:999988887777:document/save-logs"));
  EXPECT_THAT(resources(shared, "RunCommandOnInstance"), ElementsAre("arn:aws:ec2:eu-west-1:111122223333:instance/*"));
  const auto of_aws = of_document("arn:aws:ssm:eu-west-1::document/AWS-ApplyPatchBaseline");
  EXPECT_THAT(resources(of_aws, "RunCommandDocument"),
              ElementsAre("arn:aws:ssm:eu-west-1::document/AWS-ApplyPatchBaseline"));
  EXPECT_THAT(resources(of_aws, "RunCommandOnInstance"), ElementsAre("arn:aws:ec2:eu-west-1:111122223333:instance/*"));
  EXPECT_THAT(resources(of_document("save-logs"), "RunCommandDocument"),
              ElementsAre("arn:aws:ssm:eu-west-1:111122223333:document/save-logs",
                          "arn:aws:ssm:eu-west-1::document/save-logs"));
}

TEST(iam_policy, runs_the_families_of_a_group_in_its_clusters_only) {
  const auto policy = policy_of(
      with_groups("  - {name: a, match_clusters: [one], families: [f-*], task_interruption: [rerun_task]}\n"
                  "  - {name: b, match_clusters: [two], families: [g-*], task_interruption: [rerun_task]}\n"
                  "  - {name: c, match_clusters: [two], families: [h-*], task_interruption: [rerun_task]}\n"));

  EXPECT_THAT(resources(policy, "RerunTaskRunAgain"),
              ElementsAre("arn:aws:ecs:eu-west-1:111122223333:task-definition/f-*:*"));
  EXPECT_THAT(statement(policy, "RerunTaskRunAgain"), Not(HasSubstr("cluster/two")));
  EXPECT_THAT(resources(policy, "RerunTaskRunAgain2"),
              ElementsAre("arn:aws:ecs:eu-west-1:111122223333:task-definition/g-*:*",
                          "arn:aws:ecs:eu-west-1:111122223333:task-definition/h-*:*"));
  EXPECT_THAT(statement(policy, "RerunTaskRunAgain2"), Not(HasSubstr("cluster/one")));
}

TEST(iam_policy, has_no_policy_variable_in_a_name) {
  const auto policy = policy_of(with_groups(
      "  - {name: web, match: [\"a$${username}\"], hooks: d, terminating: [drain_ecs: {cluster: prod}]}\n"));

  EXPECT_THAT(resources(policy, "BaseHooks"), ElementsAre(testing::EndsWith("autoScalingGroupName/a${$}{username}")));
}

TEST(iam_policy, says_where_it_takes_the_worker_to_be) {
  const std::string two =
      "queues:\n"
      "  - url: https://sqs.eu-west-1.amazonaws.com/111122223333/one\n"
      "  - url: https://sqs.us-east-1.amazonaws.com/444455556666/two\n"
      "groups:\n" +
      group_of("web", drains);
  const auto region = HasSubstr("taken to be in region eu-west-1");
  const auto account = HasSubstr("taken to be in account 111122223333");

  EXPECT_THAT(policy_of(two).remarks, testing::IsSupersetOf({region, account}));
  const auto told = policy_of("region: eu-west-1\n" + two);
  EXPECT_THAT(told.remarks, Not(Contains(region)));
  EXPECT_THAT(told.remarks, Contains(account));
  EXPECT_THAT(policy_of(with_groups(group_of("web", drains)), {{"AWS_REGION", "us-east-1"}}).remarks,
              Contains(HasSubstr("taken to be in region us-east-1")));
}

TEST(iam_policy, holds_images_to_their_service_and_instances_to_their_groups) {
  const auto policy = policy_of(with_groups(group_of("web", "hooks: d, terminating: [create_image]") +
                                            group_of("api", "hooks: d, terminating: [create_image]")));

  EXPECT_THAT(statement(policy, "CreateImageTagAtCreation"),
              HasSubstr(R"("aws:RequestTag/lifehook:service":["api","web"])"));
  EXPECT_THAT(statement(policy, "CreateImageOfInstance"),
              HasSubstr(R"("aws:ResourceTag/aws:autoscaling:groupName":["api-*","web-*"])"));
}

TEST(iam_policy, knows_the_region_from_wherever_the_worker_does) {
  const auto groups = "groups:\n" + group_of("web", drains);
  const std::string local = "queues:\n  - url: http://127.0.0.1:4566/111122223333/one\n" + groups;

  EXPECT_THAT(resources(policy_of("region: eu-north-1\n" + local), "BaseQueue"),
              ElementsAre("arn:aws:sqs:eu-north-1:111122223333:one"));
  EXPECT_THAT(resources(policy_of(local, {{"AWS_REGION", "eu-south-1"}}), "BaseQueue"),
              ElementsAre("arn:aws:sqs:eu-south-1:111122223333:one"));
  const auto unknown = policy_of(local);
  EXPECT_THAT(resources(unknown, "BaseQueue"), ElementsAre("arn:aws:sqs:*:111122223333:one"));
  EXPECT_THAT(unknown.remarks, Contains(HasSubstr("region is not known")));
}

TEST(iam_policy, is_of_the_regions_partition) {
  const auto policy =
      policy_of("queues:\n  - url: https://sqs.cn-north-1.amazonaws.com.cn/111122223333/one\ngroups:\n" +
                group_of("web", drains));

  EXPECT_THAT(resources(policy, "BaseQueue"), ElementsAre("arn:aws-cn:sqs:cn-north-1:111122223333:one"));
  EXPECT_THAT(policy.text, Not(HasSubstr("arn:aws:")));
}

TEST(iam_policy, is_of_a_queues_and_a_topics_own_partition) {
  const auto policy = policy_of(
      "region: eu-west-1\nqueues:\n  - url: https://sqs.cn-north-1.amazonaws.com.cn/111122223333/one\ngroups:\n" +
      group_of("web",
               "hooks: d, terminating: [notify: {topic: \"arn:aws-us-gov:sns:us-gov-west-1:111122223333:fleet\"}]"));

  EXPECT_THAT(resources(policy, "BaseQueue"), ElementsAre("arn:aws-cn:sqs:cn-north-1:111122223333:one"));
  EXPECT_THAT(resources(policy, "NotifyTopic"), ElementsAre("arn:aws-us-gov:sns:us-gov-west-1:111122223333:fleet"));
}

TEST(iam_policy, allows_the_table_the_tags_and_the_workers_own_service) {
  const auto policy =
      policy_of("state: {backend: dynamodb, table: notes}\nbudget: {replicas: auto}\n" + queue_of("") +
                "groups:\n  - {name: web, match_tags: {Team: web}, spot_interruption: [raise_capacity]}\n");

  EXPECT_THAT(resources(policy, "StateDynamodbTable"),
              ElementsAre("arn:aws:dynamodb:eu-west-1:111122223333:table/notes"));
  EXPECT_THAT(resources(policy, "BudgetReplicasOwnService"),
              ElementsAre("arn:aws:ecs:eu-west-1:111122223333:service/*/*"));
  EXPECT_THAT(resources(policy, "RaiseCapacityCapacity"), ElementsAre(testing::EndsWith("autoScalingGroupName/*")));
  EXPECT_THAT(policy.text, HasSubstr("ec2:DescribeInstances"));
  EXPECT_THAT(policy.remarks, Contains(HasSubstr("group web is matched by tags")));
}

TEST(iam_policy, says_when_it_is_longer_than_a_role_can_hold) {
  std::string groups;
  for (int i = 0; i < 90; ++i) groups += group_of(fmt::format("a-service-with-quite-a-long-name-{}", i), drains);

  EXPECT_THAT(policy_of(with_groups(groups)).remarks, Contains(HasSubstr("characters")));
  EXPECT_THAT(policy_of(with_groups(group_of("web", drains))).remarks, ElementsAre(HasSubstr("encrypted-queue.json")));
}

}  // namespace
}  // namespace lifehook::worker
