#include "handlers/find_in_clusters.h"

#include "tests/handlers/context_stage.h"

#include <fmt/format.h>

namespace lifehook::handlers {
namespace {

struct find_in_clusters_test : context_stage {
  find_in_clusters_test() {
    fleet.world.ecs().create_cluster("aged");
    fleet.world.ecs().create_cluster("zoo");
    fleet.wire.calls.clear();
  }
  result<found_in_cluster> find(cluster_choice among) { return fleet.time.wait_for(find_everywhere(*in, among)); }
};

TEST_F(find_in_clusters_test, named_clusters_are_asked_in_their_order_until_one_has_the_instance) {
  const auto found = find({{"aged", "prod", "zoo"}});

  EXPECT_EQ(found->cluster, &fleet.clusters.of("prod"));
  ASSERT_EQ(found->instances.size(), 1U);
  EXPECT_EQ(found->instances.front()->arn, container_instance());
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 1U) << "that aged is there and empty";
}

TEST_F(find_in_clusters_test, an_instance_in_none_of_the_named_clusters_is_found_nowhere) {
  const auto found = find({{"aged", "zoo"}});

  EXPECT_EQ(found->cluster, nullptr);
  EXPECT_TRUE(found->instances.empty());
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 2U);
}

TEST_F(find_in_clusters_test, of_any_clusters_the_one_of_the_groups_last_instance_is_asked_first) {
  EXPECT_EQ(find({.any = true})->instances.size(), 1U);
  const auto before = fleet.wire.count("ListContainerInstances");

  const auto again = find({.any = true});

  EXPECT_EQ(again->instances.size(), 1U);
  EXPECT_EQ(fleet.wire.count("ListContainerInstances"), before + 1);
  EXPECT_EQ(fleet.wire.count("DescribeClusters"), 0U) << "ECS has listed them";
  EXPECT_NE(fleet.clusters.home_of("web-fleet").find("prod"), std::string::npos);
}

TEST_F(find_in_clusters_test, what_is_no_outage_is_told_with_its_cluster) {
  about->instance = "no instance";

  const auto found = find({{"prod"}});

  EXPECT_EQ(found.error().code(), errc::rejected);
  EXPECT_THAT(found.error().what(), testing::HasSubstr("finding the container instance: cluster prod: "));
}

// What ECS answers about cluster "aged", where the instance's agent was before it moved to "prod".
std::optional<aws::http_response> left_behind_in_aged(const seen_call& call, const std::string& instance,
                                                      int pending = 0) {
  if (call.body.find("aged\"") == std::string::npos) return std::nullopt;
  constexpr auto* arn = "arn:aws:ecs:eu-west-1:111122223333:container-instance/aged/0a";
  if (call.operation == "ListContainerInstances")
    return aws::http_response{200, {}, fmt::format(R"({{"containerInstanceArns":["{}"]}})", arn)};
  if (call.operation != "DescribeContainerInstances") return std::nullopt;
  return aws::http_response{
      200,
      {},
      fmt::format(R"({{"containerInstances":[{{"containerInstanceArn":"{}","ec2InstanceId":"{}","status":"ACTIVE",)"
                  R"("agentConnected":false,"runningTasksCount":0,"pendingTasksCount":{}}}],"failures":[]}})",
                  arn, instance, pending)};
}

TEST_F(find_in_clusters_test, a_registration_that_an_agent_has_left_behind_hides_no_other) {
  fleet.wire.instead = [this](const seen_call& call) { return left_behind_in_aged(call, about->instance); };

  EXPECT_EQ(find({{"aged", "prod"}})->cluster, &fleet.clusters.of("prod"));
  EXPECT_EQ(find({{"aged", "zoo"}})->cluster, &fleet.clusters.of("aged")) << "there is no other";
}

TEST_F(find_in_clusters_test, an_instance_that_is_rebooted_is_where_it_was_drained) {
  fleet.time.wait_for(fleet.clusters.of("prod").drain(container_instance()));
  fleet.world.ecs().set_agent_connected(about->instance, false);
  fleet.wire.instead = [this](const seen_call& call) { return left_behind_in_aged(call, about->instance); };

  EXPECT_EQ(find({{"aged", "prod"}})->cluster, &fleet.clusters.of("prod"));
  EXPECT_EQ(find({{"prod", "aged"}})->cluster, &fleet.clusters.of("prod"));
}

TEST_F(find_in_clusters_test, a_registration_without_an_agent_hides_none_with_one_whatever_tasks_it_counts) {
  fleet.wire.instead = [this](const seen_call& call) { return left_behind_in_aged(call, about->instance, 1); };

  EXPECT_EQ(find({{"aged", "prod"}})->cluster, &fleet.clusters.of("prod"));
  EXPECT_THAT(find({.any = true})->cluster->name(), testing::HasSubstr("prod"));
  EXPECT_EQ(find({{"aged", "zoo"}})->cluster, &fleet.clusters.of("aged")) << "there is no other";
}

TEST_F(find_in_clusters_test, of_registrations_without_an_agent_the_one_with_a_task_to_start_is_not_left_behind) {
  fleet.time.wait_for(fleet.clusters.of("prod").drain(container_instance()));
  fleet.world.ecs().set_agent_connected(about->instance, false);
  fleet.wire.instead = [this](const seen_call& call) { return left_behind_in_aged(call, about->instance, 1); };

  EXPECT_EQ(find({{"aged", "prod"}})->cluster, &fleet.clusters.of("aged"));
  EXPECT_EQ(find({{"prod", "aged"}})->cluster, &fleet.clusters.of("aged"));
}

TEST_F(find_in_clusters_test, one_with_tasks_waits_for_no_cluster_that_is_not_there) {
  run_a_standalone_task();
  fleet.world.ecs().set_agent_connected(about->instance, false);

  EXPECT_EQ(find({{"prod", "gone", "aged"}})->cluster, &fleet.clusters.of("prod"));

  EXPECT_EQ(fleet.logged("cluster_passed_over").size(), 1U);
}

TEST_F(find_in_clusters_test, one_whose_agent_is_connected_is_looked_for_no_further) {
  run_a_standalone_task();
  const auto before = fleet.wire.count("ListContainerInstances");

  EXPECT_EQ(find({{"prod", "aged", "zoo"}})->cluster, &fleet.clusters.of("prod"));

  EXPECT_EQ(fleet.wire.count("ListContainerInstances"), before + 1);
}

}  // namespace
}  // namespace lifehook::handlers
