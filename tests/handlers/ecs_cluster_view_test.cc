#include "handlers/ecs_cluster_view.h"

#include "tests/handlers/cluster_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

struct ecs_cluster_view_test : cluster_stage {
  std::vector<std::size_t> batch_sizes(std::string_view operation) const {
    std::vector<std::size_t> sizes;
    for (const auto& each : fleet.wire.of(operation))
      sizes.push_back(read(each).at("containerInstances").as_array().size());
    return sizes;
  }
};

TEST_F(ecs_cluster_view_test, finds_asked_at_once_leave_as_a_few_calls_and_each_gets_its_own) {
  const auto arns = register_instances(90);
  fleet.wire.latency = 100ms;
  std::map<std::string, result<found_instances>> answers;

  for (const auto& id : ids) fleet.time.tasks.spawn(keep(prod().find(id), id, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 90U);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& found = answers.at(ids[i]).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front()->arn, arns[i]);
  }
  EXPECT_LE(fleet.wire.count("ListContainerInstances"), 2U);
  EXPECT_LE(fleet.wire.count("DescribeContainerInstances"), 2U);
}

TEST_F(ecs_cluster_view_test, who_is_in_haste_is_found_before_the_calls_that_wait_for_the_budget) {
  const auto arns = register_instances(300);
  std::map<std::string, result<std::vector<std::string>>> lists;
  std::map<std::string, result<found_instances>> answers;
  for (const auto& arn : arns)
    fleet.time.tasks.spawn(keep(fleet.ecs.usual.list_tasks("prod", arn, "RUNNING"), arn, lists));
  fleet.time.run_for(1s);
  EXPECT_LT(lists.size(), 150U) << "a hundred at once, then twenty a second";

  fleet.time.tasks.spawn(keep(prod().find(ids[0]), "usual", answers));
  fleet.time.run_for(10ms);
  fleet.time.tasks.spawn(keep(prod().find(ids[1], aws::haste::hurried), "hurried", answers));
  fleet.time.run_for(1s);

  EXPECT_TRUE(answers.contains("hurried"));
  EXPECT_FALSE(answers.contains("usual"));
  fleet.time.run_for(1min);
}

TEST_F(ecs_cluster_view_test, who_is_in_haste_is_set_draining_before_a_thousand_that_are_not) {
  const auto arns = register_instances(1200);
  std::map<std::string, result<current_instance>> answers;
  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().drain(arn), arn, answers));
  fleet.time.run_for(100ms);

  fleet.time.tasks.spawn(keep(prod().drain(arns.back(), aws::haste::hurried), "hurried", answers));
  fleet.time.run_for(100ms);

  EXPECT_TRUE(answers.contains("hurried"));
  EXPECT_FALSE(answers.contains(arns.back()));
  EXPECT_TRUE(prod().is_setting_draining(arns.back()));
  fleet.time.run_for(1min);
}

TEST_F(ecs_cluster_view_test, an_instance_is_verified_by_its_id_even_when_aws_ignores_the_filter) {
  const auto arns = register_instances(3);
  fleet.wire.instead = [&arns](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "ListContainerInstances") return std::nullopt;
    return aws::http_response{
        200, {}, json::serialize(json::object{{"containerInstanceArns", json::value_from(arns)}})};
  };

  const auto found = fleet.time.wait_for(prod().find(ids[1]));
  const auto absent = fleet.time.wait_for(prod().find("i-0000000000000dead"));

  ASSERT_EQ(found.value().size(), 1U);
  EXPECT_EQ(found->front()->arn, arns[1]);
  EXPECT_TRUE(absent.value().empty());
}

TEST_F(ecs_cluster_view_test, an_instance_on_the_second_page_is_found) {
  const auto arns = register_instances(2);
  fleet.wire.instead = [&arns](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "ListContainerInstances") return std::nullopt;
    json::object page{{"containerInstanceArns", json::array{read(call).contains("nextToken") ? arns[1] : arns[0]}}};
    if (!read(call).contains("nextToken")) page["nextToken"] = "more";
    return aws::http_response{200, {}, json::serialize(page)};
  };

  const auto found = fleet.time.wait_for(prod().find(ids[1]));

  ASSERT_EQ(found.value().size(), 1U);
  EXPECT_EQ(found->front()->arn, arns[1]);
}

TEST_F(ecs_cluster_view_test, an_instance_that_was_listed_and_not_described_has_not_been_answered_for) {
  const auto arns = register_instances(2);
  const auto twice = fmt::format(
      R"({{"containerInstanceArn":"{}","ec2InstanceId":"{}","status":"ACTIVE","runningTasksCount":0,"pendingTasksCount":0}})",
      arns[0], ids[0]);
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "ListContainerInstances")
      return aws::http_response{
          200, {}, json::serialize(json::object{{"containerInstanceArns", json::value_from(arns)}})};
    return aws::http_response{200, {}, fmt::format(R"({{"containerInstances":[{0},{0}],"failures":[]}})", twice)};
  };

  EXPECT_EQ(fleet.time.wait_for(prod().find(ids[1])).error().code(), errc::unreachable);
}

TEST_F(ecs_cluster_view_test, one_that_is_listed_and_not_described_does_not_keep_the_others) {
  const auto arns = register_instances(4);
  fleet.wire.latency = 100ms;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    const bool asks_for_it = call.body.find(arns[2]) != std::string::npos;
    if (call.operation != "DescribeContainerInstances" || !asks_for_it) return std::nullopt;
    json::array others;
    for (const std::size_t i : {0U, 1U, 3U})
      others.push_back({{"containerInstanceArn", arns[i]},
                        {"ec2InstanceId", ids[i]},
                        {"status", "ACTIVE"},
                        {"runningTasksCount", 0},
                        {"pendingTasksCount", 0}});
    return aws::http_response{
        200, {}, json::serialize(json::object{{"containerInstances", others}, {"failures", json::array()}})};
  };
  std::map<std::string, result<found_instances>> answers;

  for (const auto& id : ids) fleet.time.tasks.spawn(keep(prod().find(id), id, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 4U);
  for (const std::size_t i : {0U, 1U, 3U}) EXPECT_EQ(answers.at(ids[i]).value().size(), 1U) << i;
  EXPECT_EQ(answers.at(ids[2]).error().code(), errc::unreachable);
}

TEST_F(ecs_cluster_view_test, an_instance_described_without_its_ec2_instance_has_not_been_answered_for) {
  const auto arns = register_instances(1);
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "ListContainerInstances") return std::nullopt;
    return aws::http_response{
        200,
        {},
        fmt::format(
            R"({{"containerInstances":[{{"containerInstanceArn":"{}","status":"ACTIVE","runningTasksCount":0,"pendingTasksCount":0}}]}})",
            arns[0])};
  };

  EXPECT_EQ(fleet.time.wait_for(prod().find(ids[0])).error().code(), errc::unreachable);
}

TEST_F(ecs_cluster_view_test, what_an_answer_does_not_mention_is_not_gone) {
  const auto arns = register_instances(1);
  fleet.wire.instead = [](const seen_call&) -> std::optional<aws::http_response> {
    return aws::http_response{200, {}, R"({"containerInstances":[],"failures":[{"arn":"other","reason":"MISSING"}]})"};
  };

  EXPECT_EQ(fleet.time.wait_for(prod().look(arns[0])).error().code(), errc::unreachable);
  EXPECT_EQ(fleet.time.wait_for(prod().drain(arns[0])).error().code(), errc::unreachable);
  EXPECT_EQ(fleet.time.wait_for(prod().activate(arns[0])).error().code(), errc::unreachable);
}

// Every call of a cluster that is not there, as a person named it and as ECS had listed it.
struct deleted_cluster_test : ecs_cluster_view_test, testing::WithParamInterface<const char*> {
  deleted_cluster_test() {
    fleet.wire.instead = [](const seen_call&) { return std::optional(refused_by_ecs(GetParam())); };
  }
};

TEST_P(deleted_cluster_test, is_an_outage_where_a_person_named_it) {
  auto& named = fleet.clusters.of("prod");

  EXPECT_EQ(fleet.time.wait_for(named.find("i-1")).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(named.look("arn")).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(named.drain("arn")).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(named.activate("arn")).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(named.stopping("arn", 0s)).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(named.running_tasks("arn")).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(named.why_tasks_remain("arn")).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(named.deregister("arn", true)).error().code(), errc::denied);
}

TEST_P(deleted_cluster_test, has_nothing_in_it_where_ecs_had_listed_it) {
  auto& listed = fleet.clusters.of("prod", named_by::listing);

  EXPECT_TRUE(fleet.time.wait_for(listed.find("i-1")).value().empty());
  EXPECT_EQ(fleet.time.wait_for(listed.look("arn")).value(), nullptr);
  EXPECT_EQ(fleet.time.wait_for(listed.drain("arn")).value(), nullptr);
  EXPECT_EQ(fleet.time.wait_for(listed.activate("arn")).value(), nullptr);
  EXPECT_EQ(fleet.time.wait_for(listed.stopping("arn", 0s)).value(), 0U);
  EXPECT_TRUE(fleet.time.wait_for(listed.running_tasks("arn")).value().empty());
  EXPECT_TRUE(fleet.time.wait_for(listed.why_tasks_remain("arn")).value().tasks.empty());
  EXPECT_TRUE(fleet.time.wait_for(listed.deregister("arn", true)).has_value());
}

INSTANTIATE_TEST_SUITE_P(, deleted_cluster_test, testing::Values("ClusterNotFoundException", "ClusterNotFound"));

TEST_F(ecs_cluster_view_test, an_outage_of_a_find_is_told_to_all_who_asked) {
  register_instances(3);
  fleet.deny("ecs", "ListContainerInstances", 1h);
  std::map<std::string, result<found_instances>> answers;

  for (const auto& id : ids) fleet.time.tasks.spawn(keep(prod().find(id), id, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 3U);
  for (const auto& [id, answer] : answers) EXPECT_EQ(answer.error().code(), errc::denied) << id;
}

TEST_F(ecs_cluster_view_test, an_active_cluster_is_asked_for_once_a_minute) {
  register_instances(0);

  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());
  fleet.time.run_for(59s);
  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 1U);

  fleet.time.run_for(1s);
  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 2U);
}

TEST_F(ecs_cluster_view_test, an_active_cluster_is_asked_for_as_soon_when_the_clock_was_set_back) {
  register_instances(0);
  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());

  fleet.time.clock.set(fleet.time.clock.now() - 1h);
  fleet.time.run_for(1min);

  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 2U);
}

TEST_F(ecs_cluster_view_test, a_cluster_that_does_not_exist_is_an_outage) {
  const auto active = fleet.time.wait_for(fleet.clusters.of("prdo").require_active());

  ASSERT_TRUE(active.has_error());
  EXPECT_EQ(active.error().code(), errc::denied);
  EXPECT_THAT(active.error().what(), testing::HasSubstr("prdo"));
}

TEST_F(ecs_cluster_view_test, a_cluster_that_is_not_active_is_an_outage_that_is_not_kept) {
  register_instances(0);
  fleet.wire.instead = [](const seen_call&) -> std::optional<aws::http_response> {
    return aws::http_response{200, {}, R"({"clusters":[{"clusterName":"prod","status":"INACTIVE"}],"failures":[]})"};
  };
  EXPECT_EQ(fleet.time.wait_for(prod().require_active()).error().code(), errc::denied);

  fleet.wire.instead = nullptr;

  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());
}

TEST_F(ecs_cluster_view_test, looks_are_answered_each_and_what_is_gone_is_nothing) {
  auto arns = register_instances(3);
  arns.push_back(arns.front().substr(0, arns.front().rfind('/')) + "/0123456789abcdef0123456789abcdef");
  std::map<std::string, result<current_instance>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().look(arn), arn, answers));
  fleet.time.run_for(5s);

  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(answers.at(arns[i]).value()->ec2_instance_id, ids[i]);
  EXPECT_EQ(answers.at(arns[3]).value(), nullptr);
}

TEST_F(ecs_cluster_view_test, drains_leave_in_batches_of_ten) {
  const auto arns = register_instances(31);
  fleet.wire.latency = 100ms;
  std::map<std::string, result<current_instance>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().drain(arn), arn, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 31U);
  for (const auto& [arn, answer] : answers) EXPECT_EQ(answer.value()->status, "DRAINING") << arn;
  EXPECT_EQ(batch_sizes("UpdateContainerInstancesState"), (std::vector<std::size_t>{1, 10, 10, 10}));
}

TEST_F(ecs_cluster_view_test, one_that_cannot_be_drained_does_not_keep_its_batch_from_draining) {
  const auto arns = register_instances(6);
  fleet.wire.latency = 100ms;
  fleet.wire.instead = [&arns](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "UpdateContainerInstancesState" && call.body.find(arns[3]) != std::string::npos)
      return refused_by_ecs("InvalidParameterException");
    return std::nullopt;
  };
  std::map<std::string, result<current_instance>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().drain(arn), arn, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 6U);
  for (std::size_t i = 0; i < arns.size(); ++i) {
    if (i == 3)
      EXPECT_EQ(answers.at(arns[i]).error().code(), errc::rejected);
    else
      EXPECT_EQ(answers.at(arns[i]).value()->status, "DRAINING");
  }
  EXPECT_EQ(batch_sizes("UpdateContainerInstancesState"), (std::vector<std::size_t>{1, 5, 1, 1, 1, 1, 1}));
}

TEST_F(ecs_cluster_view_test, one_that_is_not_found_does_not_keep_its_batch_from_draining) {
  const auto arns = register_instances(6);
  fleet.wire.latency = 100ms;
  fleet.wire.instead = [&arns](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "UpdateContainerInstancesState" || call.body.find(arns[3]) == std::string::npos)
      return std::nullopt;
    return aws::http_response{
        400, {}, R"({"__type":"InvalidParameterException","message":"The container instance was not found."})"};
  };
  std::map<std::string, result<current_instance>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().drain(arn), arn, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 6U);
  EXPECT_EQ(answers.at(arns[3]).error().code(), errc::not_found);
  EXPECT_EQ(answers.at(arns[2]).value()->status, "DRAINING");
  EXPECT_EQ(answers.at(arns[5]).value()->status, "DRAINING");
}

TEST_F(ecs_cluster_view_test, an_outage_is_not_repeated_for_every_member_of_a_batch) {
  const auto arns = register_instances(6);
  fleet.wire.latency = 100ms;
  fleet.deny("ecs", "UpdateContainerInstancesState", 1h);
  std::map<std::string, result<current_instance>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().drain(arn), arn, answers));
  fleet.time.run_for(5s);

  for (const auto& [arn, answer] : answers) EXPECT_EQ(answer.error().code(), errc::denied);
  EXPECT_EQ(batch_sizes("UpdateContainerInstancesState"), (std::vector<std::size_t>{1, 5}));
}

}  // namespace
}  // namespace lifehook::handlers
