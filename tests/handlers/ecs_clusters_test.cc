#include "handlers/ecs_clusters.h"

#include "tests/handlers/cluster_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

using ecs_clusters_test = cluster_stage;

TEST_F(ecs_clusters_test, looks_become_rarer_the_more_instances_drain) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  const auto interval_with = [this, &drains](std::size_t count) {
    while (drains.size() < count) drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod()));
    return fleet.clusters.look_interval();
  };

  EXPECT_EQ(interval_with(0), 1s);
  EXPECT_EQ(interval_with(500), 1s);
  EXPECT_EQ(interval_with(501), 2s);
  EXPECT_EQ(interval_with(5000), 10s);
  EXPECT_EQ(interval_with(16000), 10s);
  EXPECT_EQ(interval_with(20000), 13s) << "four fifths of the budget";
  EXPECT_EQ(interval_with(60000), 30s);
  drains.clear();
  EXPECT_EQ(fleet.clusters.look_interval(), 1s);
}

TEST_F(ecs_clusters_test, the_drains_of_all_clusters_share_the_budget_of_looks) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  for (int i = 0; i < 300; ++i) {
    drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod()));
    drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(fleet.clusters.of("batch")));
  }

  EXPECT_EQ(fleet.clusters.draining(), 600U);
  EXPECT_EQ(fleet.clusters.look_interval(), 2s);
}

TEST_F(ecs_clusters_test, interruptions_are_looked_at_as_often_as_if_no_others_drained) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  for (int i = 0; i < 5000; ++i) drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod()));
  const ecs_cluster_view::drain_count interruption(prod(), aws::haste::hurried);

  EXPECT_EQ(fleet.clusters.look_interval(aws::haste::hurried), 1s);
  EXPECT_EQ(fleet.clusters.look_interval(), 10s);
  EXPECT_EQ(fleet.clusters.draining(), 5001U);
}

TEST_F(ecs_clusters_test, what_interruptions_ask_leaves_less_to_the_looks_of_others_only) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  for (const auto how : {aws::haste::usual, aws::haste::hurried})
    for (int i = 0; i < 500; ++i) drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod(), how));
  std::map<std::string, result<std::vector<std::string>>> lists;
  for (int i = 0; i < 1500; ++i)
    fleet.time.tasks.spawn(keep(fleet.ecs.hurried.list_tasks("prod", {}, "RUNNING"), std::to_string(i), lists));
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.clusters.look_interval(aws::haste::hurried), 1s);
  EXPECT_GE(fleet.clusters.look_interval(), 7s) << "a tenth of the budget";
  fleet.time.run_for(1min);
}

TEST_F(ecs_clusters_test, looks_become_rarer_with_a_smaller_share_and_when_aws_throttles) {
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> drains;
  for (int i = 0; i < 500; ++i) drains.push_back(std::make_unique<ecs_cluster_view::drain_count>(prod()));
  EXPECT_EQ(fleet.clusters.look_interval(), 1s);

  fleet.client.share_among(4);
  EXPECT_EQ(fleet.clusters.look_interval(), 4s);
  fleet.wire.instead = [](const seen_call&) { return std::optional(refused_by_ecs("ThrottlingException")); };
  EXPECT_TRUE(fleet.time.wait_for(prod().find("i-1")).has_error());

  EXPECT_GE(fleet.clusters.look_interval(), 5s);
}

TEST_F(ecs_clusters_test, counts_of_stopping_tasks_are_part_of_a_round_while_they_are_made) {
  const auto arns = register_instances(3);
  const ecs_cluster_view::drain_count drain(prod());
  std::map<std::string, result<std::optional<stopping_tasks>>> answers;

  for (const auto& arn : arns) fleet.time.tasks.spawn(keep(prod().stopping(arn, 0s), arn, answers));
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

TEST_F(ecs_clusters_test, a_clock_that_is_set_back_hides_no_new_cluster) {
  fleet.time.wait_for(fleet.clusters.all());

  fleet.time.clock.set(fleet.time.clock.now() - 1h);
  fleet.world.ecs().create_cluster("prod");
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.time.wait_for(fleet.clusters.all()).value().size(), 1U);
}

TEST_F(ecs_clusters_test, remembers_where_the_instances_of_a_group_were) {
  EXPECT_EQ(fleet.clusters.home_of("web-fleet"), "");

  fleet.clusters.remember("web-fleet", "prod");

  EXPECT_EQ(fleet.clusters.home_of("web-fleet"), "prod");
  EXPECT_EQ(fleet.clusters.home_of("api-fleet"), "");
}

}  // namespace
}  // namespace lifehook::handlers
