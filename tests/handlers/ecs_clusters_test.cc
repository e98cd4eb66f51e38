#include "handlers/ecs_clusters.h"

#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

json::object read(const seen_call& call) { return json::parse(call.body).as_object(); }

template <class Answer>
task<> keep(task<result<Answer>> asking, std::string key, std::map<std::string, result<Answer>>& answers) {
  auto answer = co_await std::move(asking);
  answers.emplace(std::move(key), std::move(answer));
}

struct ecs_clusters_test : testing::Test {
  // Instances i-0..., registered; their container instances' arns in the same order.
  std::vector<std::string> register_instances(std::size_t count) {
    fleet.world.ecs().create_cluster("prod");
    std::vector<std::string> arns;
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(fmt::format("i-{:017x}", i + 1));
      arns.push_back(fleet.world.ecs().register_instance("prod", ids.back(), 8));
    }
    return arns;
  }
  ecs_cluster_view& prod() { return fleet.clusters.of("prod"); }
  std::vector<std::size_t> batch_sizes(std::string_view operation) const {
    std::vector<std::size_t> sizes;
    for (const auto& each : fleet.wire.of(operation))
      sizes.push_back(read(each).at("containerInstances").as_array().size());
    return sizes;
  }

  fleet_stage fleet;
  std::vector<std::string> ids;
};

TEST_F(ecs_clusters_test, finds_asked_at_once_leave_as_a_few_calls_and_each_gets_its_own) {
  const auto arns = register_instances(90);
  fleet.wire.latency = 100ms;
  std::map<std::string, result<found_instances>> answers;

  for (const auto& id : ids) fleet.time.tasks.spawn(keep(prod().find(id), id, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 90U);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& found = answers.at(ids[i]).value();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().arn, arns[i]);
  }
  EXPECT_LE(fleet.wire.count("ListContainerInstances"), 2U);
  EXPECT_LE(fleet.wire.count("DescribeContainerInstances"), 2U);
}

TEST_F(ecs_clusters_test, an_instance_is_verified_by_its_id_even_when_aws_ignores_the_filter) {
  const auto arns = register_instances(3);
  fleet.wire.instead = [&arns](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "ListContainerInstances") return std::nullopt;
    return aws::http_response{
        200, {}, json::serialize(json::object{{"containerInstanceArns", json::value_from(arns)}})};
  };

  const auto found = fleet.time.wait_for(prod().find(ids[1]));
  const auto absent = fleet.time.wait_for(prod().find("i-0000000000000dead"));

  ASSERT_EQ(found.value().size(), 1U);
  EXPECT_EQ(found->front().arn, arns[1]);
  EXPECT_TRUE(absent.value().empty());
}

TEST_F(ecs_clusters_test, an_instance_on_the_second_page_is_found) {
  const auto arns = register_instances(2);
  fleet.wire.instead = [&arns](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "ListContainerInstances") return std::nullopt;
    json::object page{{"containerInstanceArns", json::array{read(call).contains("nextToken") ? arns[1] : arns[0]}}};
    if (!read(call).contains("nextToken")) page["nextToken"] = "more";
    return aws::http_response{200, {}, json::serialize(page)};
  };

  const auto found = fleet.time.wait_for(prod().find(ids[1]));

  ASSERT_EQ(found.value().size(), 1U);
  EXPECT_EQ(found->front().arn, arns[1]);
}

TEST_F(ecs_clusters_test, an_instance_that_was_listed_and_not_described_has_not_been_answered_for) {
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

TEST_F(ecs_clusters_test, an_instance_described_without_its_ec2_instance_has_not_been_answered_for) {
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

TEST_F(ecs_clusters_test, what_an_answer_does_not_mention_is_not_gone) {
  const auto arns = register_instances(1);
  fleet.wire.instead = [](const seen_call&) -> std::optional<aws::http_response> {
    return aws::http_response{200, {}, R"({"containerInstances":[],"failures":[{"arn":"other","reason":"MISSING"}]})"};
  };

  EXPECT_EQ(fleet.time.wait_for(prod().look(arns[0])).error().code(), errc::unreachable);
  EXPECT_EQ(fleet.time.wait_for(prod().drain(arns[0])).error().code(), errc::unreachable);
  EXPECT_EQ(fleet.time.wait_for(prod().activate(arns[0])).error().code(), errc::unreachable);
}

// Every call of a cluster that is not there, as a person named it and as ECS had listed it.
struct deleted_cluster_test : ecs_clusters_test, testing::WithParamInterface<const char*> {
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
  EXPECT_EQ(fleet.time.wait_for(named.stopping("arn")).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(named.running_tasks("arn")).error().code(), errc::denied);
  EXPECT_EQ(fleet.time.wait_for(named.deregister("arn", true)).error().code(), errc::denied);
}

TEST_P(deleted_cluster_test, has_nothing_in_it_where_ecs_had_listed_it) {
  auto& listed = fleet.clusters.of("prod", named_by::listing);

  EXPECT_TRUE(fleet.time.wait_for(listed.find("i-1")).value().empty());
  EXPECT_EQ(fleet.time.wait_for(listed.look("arn")).value(), nullptr);
  EXPECT_EQ(fleet.time.wait_for(listed.drain("arn")).value(), nullptr);
  EXPECT_EQ(fleet.time.wait_for(listed.activate("arn")).value(), nullptr);
  EXPECT_EQ(fleet.time.wait_for(listed.stopping("arn")).value(), 0U);
  EXPECT_TRUE(fleet.time.wait_for(listed.running_tasks("arn")).value().empty());
  EXPECT_TRUE(fleet.time.wait_for(listed.deregister("arn", true)).has_value());
}

INSTANTIATE_TEST_SUITE_P(, deleted_cluster_test, testing::Values("ClusterNotFoundException", "ClusterNotFound"));

TEST_F(ecs_clusters_test, an_outage_of_a_find_is_told_to_all_who_asked) {
  register_instances(3);
  fleet.deny("ecs", "ListContainerInstances", 1h);
  std::map<std::string, result<found_instances>> answers;

  for (const auto& id : ids) fleet.time.tasks.spawn(keep(prod().find(id), id, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 3U);
  for (const auto& [id, answer] : answers) EXPECT_EQ(answer.error().code(), errc::denied) << id;
}

TEST_F(ecs_clusters_test, an_active_cluster_is_asked_for_once_a_minute) {
  register_instances(0);

  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());
  fleet.time.run_for(59s);
  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 1U);

  fleet.time.run_for(1s);
  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 2U);
}

TEST_F(ecs_clusters_test, a_cluster_that_does_not_exist_is_an_outage) {
  const auto active = fleet.time.wait_for(fleet.clusters.of("prdo").require_active());

  ASSERT_TRUE(active.has_error());
  EXPECT_EQ(active.error().code(), errc::denied);
  EXPECT_THAT(active.error().what(), testing::HasSubstr("prdo"));
}

TEST_F(ecs_clusters_test, a_cluster_that_is_not_active_is_an_outage_that_is_not_kept) {
  register_instances(0);
  fleet.wire.instead = [](const seen_call&) -> std::optional<aws::http_response> {
    return aws::http_response{200, {}, R"({"clusters":[{"clusterName":"prod","status":"INACTIVE"}],"failures":[]})"};
  };
  EXPECT_EQ(fleet.time.wait_for(prod().require_active()).error().code(), errc::denied);

  fleet.wire.instead = nullptr;

  EXPECT_TRUE(fleet.time.wait_for(prod().require_active()).has_value());
}

TEST_F(ecs_clusters_test, looks_are_answered_each_and_what_is_gone_is_nothing) {
  auto arns = register_instances(3);
  arns.push_back(arns.front().substr(0, arns.front().rfind('/')) + "/0123456789abcdef0123456789abcdef");
  std::map<std::string, result<current_instance>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().look(arn), arn, answers));
  fleet.time.run_for(5s);

  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(answers.at(arns[i]).value()->ec2_instance_id, ids[i]);
  EXPECT_EQ(answers.at(arns[3]).value(), nullptr);
}

TEST_F(ecs_clusters_test, drains_leave_in_batches_of_ten) {
  const auto arns = register_instances(31);
  fleet.wire.latency = 100ms;
  std::map<std::string, result<current_instance>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().drain(arn), arn, answers));
  fleet.time.run_for(5s);

  ASSERT_EQ(answers.size(), 31U);
  for (const auto& [arn, answer] : answers) EXPECT_EQ(answer.value()->status, "DRAINING") << arn;
  EXPECT_EQ(batch_sizes("UpdateContainerInstancesState"), (std::vector<std::size_t>{1, 10, 10, 10}));
}

TEST_F(ecs_clusters_test, one_that_cannot_be_drained_does_not_keep_its_batch_from_draining) {
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

TEST_F(ecs_clusters_test, one_that_is_not_found_does_not_keep_its_batch_from_draining) {
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

TEST_F(ecs_clusters_test, an_outage_is_not_repeated_for_every_member_of_a_batch) {
  const auto arns = register_instances(6);
  fleet.wire.latency = 100ms;
  fleet.deny("ecs", "UpdateContainerInstancesState", 1h);
  std::map<std::string, result<current_instance>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().drain(arn), arn, answers));
  fleet.time.run_for(5s);

  for (const auto& [arn, answer] : answers) EXPECT_EQ(answer.error().code(), errc::denied);
  EXPECT_EQ(batch_sizes("UpdateContainerInstancesState"), (std::vector<std::size_t>{1, 5}));
}

// Five draining instances whose tasks take long to stop: on the last one, none.
struct stopping_test : ecs_clusters_test {
  stopping_test() {
    arns = register_instances(4);
    fleet.world.ecs().create_service({"prod", "web", 10, 0, 100, false, 1s, 10min});
    fleet.time.run_for(10s);
    ids.push_back("i-000000000000000ff");
    arns.push_back(fleet.world.ecs().register_instance("prod", ids.back(), 8));
    for (const auto& arn : arns) fleet.time.wait_for(prod().drain(arn));
    fleet.time.run_for(2s);
  }
  std::map<std::string, std::size_t> one_by_one() {
    std::map<std::string, std::size_t> counts;
    for (const auto& arn : arns) counts[arn] = fleet.time.wait_for(prod().stopping(arn)).value();
    return counts;
  }
  std::map<std::string, std::size_t> at_once() {
    fleet.wire.latency = 100ms;
    std::map<std::string, result<std::size_t>> answers;
    for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().stopping(arn), arn, answers));
    fleet.time.run_for(5s);
    std::map<std::string, std::size_t> counts;
    for (const auto& [arn, answer] : answers) counts[arn] = answer.value();
    return counts;
  }
  std::size_t listings(bool of_one_instance) const {
    const auto calls = fleet.wire.of("ListTasks");
    return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [of_one_instance](const auto& each) {
      return read(each).contains("containerInstance") == of_one_instance;
    }));
  }
  std::vector<std::string> arns;
};

TEST_F(stopping_test, tasks_that_still_stop_are_counted_the_same_one_by_one_and_for_the_whole_cluster) {
  const auto single = one_by_one();
  EXPECT_EQ(listings(true), 5U);
  EXPECT_EQ(listings(false), 0U);

  const auto together = at_once();

  EXPECT_EQ(listings(true), 6U) << "who asks first is answered alone";
  EXPECT_EQ(listings(false), 1U);
  EXPECT_EQ(single, together);
  std::size_t sum = 0;
  for (const auto& [arn, count] : single) sum += count;
  EXPECT_EQ(sum, 10U);
  EXPECT_EQ(single.at(arns.back()), 0U);
}

TEST_F(stopping_test, a_task_that_is_not_described_is_not_taken_for_stopped) {
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeTasks") return std::nullopt;
    return aws::http_response{200, {}, R"({"tasks":[],"failures":[]})"};
  };

  EXPECT_EQ(fleet.time.wait_for(prod().stopping(arns.front())).error().code(), errc::unreachable);
}

TEST_F(stopping_test, a_task_described_as_missing_has_stopped) {
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeTasks") return std::nullopt;
    json::array failures;
    const auto asked = read(call);
    for (const auto& arn : asked.at("tasks").as_array()) failures.push_back({{"arn", arn}, {"reason", "MISSING"}});
    return aws::http_response{200, {}, json::serialize(json::object{{"tasks", json::array()}, {"failures", failures}})};
  };

  EXPECT_EQ(fleet.time.wait_for(prod().stopping(arns.front())).value(), 0U);
}

TEST_F(stopping_test, tasks_known_to_have_stopped_are_not_described_again) {
  fleet.time.run_for(11min);
  for (const auto& [arn, count] : at_once()) EXPECT_EQ(count, 0U) << arn;
  const auto described = fleet.wire.count("DescribeTasks");
  ASSERT_GE(described, 1U);

  for (const auto& [arn, count] : at_once()) EXPECT_EQ(count, 0U) << arn;

  EXPECT_EQ(fleet.wire.count("DescribeTasks"), described);
}

TEST_F(ecs_clusters_test, looks_become_rarer_the_more_instances_drain) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  const auto interval_with = [this, &drains](std::size_t count) {
    while (drains.size() < count) drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod()));
    return prod().look_interval();
  };

  EXPECT_EQ(interval_with(0), 1s);
  EXPECT_EQ(interval_with(500), 1s);
  EXPECT_EQ(interval_with(501), 2s);
  EXPECT_EQ(interval_with(5000), 10s);
  EXPECT_EQ(interval_with(16000), 10s);
  EXPECT_EQ(interval_with(20000), 13s) << "four fifths of the budget";
  EXPECT_EQ(interval_with(60000), 30s);
  drains.clear();
  EXPECT_EQ(prod().look_interval(), 1s);
}

TEST_F(ecs_clusters_test, the_drains_of_all_clusters_share_the_budget_of_looks) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  for (int i = 0; i < 300; ++i) {
    drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod()));
    drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(fleet.clusters.of("batch")));
  }

  EXPECT_EQ(fleet.clusters.draining(), 600U);
  EXPECT_EQ(prod().look_interval(), 2s);
  EXPECT_EQ(fleet.clusters.of("batch").look_interval(), 2s);
}

TEST_F(ecs_clusters_test, looks_become_rarer_with_a_smaller_share_and_when_aws_throttles) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  for (int i = 0; i < 500; ++i) drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod()));
  EXPECT_EQ(prod().look_interval(), 1s);

  fleet.client.share_among(4);
  EXPECT_EQ(prod().look_interval(), 4s);
  fleet.wire.instead = [](const seen_call&) { return std::optional(refused_by_ecs("ThrottlingException")); };
  EXPECT_TRUE(fleet.time.wait_for(prod().find("i-1")).has_error());

  EXPECT_GE(prod().look_interval(), 5s);
}

TEST_F(ecs_clusters_test, counts_of_stopping_tasks_are_part_of_a_round_while_they_are_made) {
  const auto arns = register_instances(3);
  const ecs_cluster_view::drain_count drain(prod());
  std::map<std::string, result<std::size_t>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().stopping(arn), arn, answers));
  fleet.time.run_for(2s);

  EXPECT_GE(prod().round().others, 2);
  EXPECT_DOUBLE_EQ(fleet.clusters.round().others, prod().round().others);
  fleet.time.run_for(31s);
  EXPECT_DOUBLE_EQ(prod().round().others, 0);
  EXPECT_DOUBLE_EQ(prod().round().looks, 1);
}

TEST_F(ecs_clusters_test, all_clusters_are_listed_once_a_minute) {
  fleet.world.ecs().create_cluster("prod");
  fleet.world.ecs().create_cluster("test");

  EXPECT_EQ(fleet.time.wait_for(fleet.clusters.all()).value().size(), 2U);
  fleet.time.run_for(59s);
  fleet.time.wait_for(fleet.clusters.all());
  EXPECT_EQ(fleet.wire.count("ListClusters"), 1U);

  fleet.time.run_for(1s);
  fleet.time.wait_for(fleet.clusters.all());
  EXPECT_EQ(fleet.wire.count("ListClusters"), 2U);
}

TEST_F(ecs_clusters_test, remembers_where_the_instances_of_a_group_were) {
  EXPECT_EQ(fleet.clusters.home_of("web-fleet"), "");

  fleet.clusters.remember("web-fleet", "prod");

  EXPECT_EQ(fleet.clusters.home_of("web-fleet"), "prod");
  EXPECT_EQ(fleet.clusters.home_of("api-fleet"), "");
}

}  // namespace
}  // namespace lifehook::handlers
