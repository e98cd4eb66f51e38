#include "base/metrics.h"
#include "handlers/image_tags.h"
#include "tests/simulation/worded_scenario.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

// The systems lifehook replaces, with several replicas of the whole worker on one DynamoDB table.
namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view state = "state: {backend: dynamodb, table: lifehook}\n";

class systems : public worded_scenario {
 public:
  explicit systems(std::string groups) : worded_scenario(std::move(groups)) {
    world.dynamodb().create_table("lifehook");
    before_groups = state;
    furnish();
  }
  void start_replicas(int count) {
    for (int i = 0; i < count; ++i) start_worded();
  }
  // A release: a group of its own, with both hooks telling the queue.
  void release(const std::string& group, int desired = 2) {
    world.autoscaling().create_group({.name = group});
    simulator::hook_settings launch{.name = "warmup",
                                    .transition = "autoscaling:EC2_INSTANCE_LAUNCHING",
                                    .heartbeat_timeout = 60s,
                                    .target_arn = world.sqs().queue_arn("lifecycle")};
    world.autoscaling().put_hook(group, launch);
    auto end = launch;
    end.name = "drain";
    end.transition = "autoscaling:EC2_INSTANCE_TERMINATING";
    world.autoscaling().put_hook(group, end);
    world.autoscaling().set_desired(group, desired);
    ASSERT_TRUE(time.run_until([&] { return all_ended() && queue_is_empty(); }));
    time.run_for(30s);
  }
  bool all_ended() {
    return std::all_of(actions().begin(), actions().end(), [](const auto& each) { return each.ended.has_value(); });
  }
  std::string first_of(const std::string& group) { return world.autoscaling().instances(group).front(); }
  int desired(const std::string& group) {
    aws::autoscaling asking(somebody());
    return time.wait_for(asking.groups({group})).value().front().desired;
  }
  bool quiet() { return all_ended() && queue_is_empty(); }
};

constexpr std::string_view images =
    "  - {name: web, match: [web-*], hooks: [drain, warmup], deadline: 1h, launching: [track_current_group], "
    "terminating: [create_image]}\n";

TEST(systems, a_crash_of_the_current_release_is_imaged_once_by_three_replicas) {
  systems fleet((std::string(images)));
  fleet.start_replicas(3);
  fleet.release("web-r1");
  const auto instance = fleet.first_of("web-r1");

  fleet.world.autoscaling().terminate_because(instance, simulator::ending_cause::ec2_health_check);

  ASSERT_TRUE(fleet.time.run_until([&] { return !fleet.world.ec2().images().empty() && fleet.quiet(); }));
  ASSERT_EQ(fleet.world.ec2().images().size(), 1U);
  EXPECT_EQ(fleet.world.ec2().images().front().instance, instance);
  EXPECT_EQ(fleet.world.ec2().images().front().state, "available");
  EXPECT_GE(*fleet.actions().back().ended - fleet.actions().back().began, 0s);
  for (const auto& each : fleet.actions()) EXPECT_FALSE(each.timed_out) << each.instance;
}

TEST(systems, the_hook_is_held_with_heartbeats_until_the_image_is_there) {
  systems fleet((std::string(images)));
  fleet.start_replicas(1);
  fleet.release("web-r1");
  fleet.world.ec2().set_image_time(20min);
  const auto instance = fleet.first_of("web-r1");

  fleet.world.autoscaling().terminate(instance, true);

  ASSERT_TRUE(fleet.time.run_until([&] { return !fleet.world.ec2().images().empty() && fleet.quiet(); }));
  const auto ended = std::find_if(fleet.actions().begin(), fleet.actions().end(),
                                  [&](const auto& each) { return each.instance == instance && each.hook == "drain"; });
  ASSERT_NE(ended, fleet.actions().end());
  EXPECT_GE(*ended->ended - ended->began, 20min);
  EXPECT_GE(ended->heartbeats.size(), 20U) << "one each half minute";
  EXPECT_EQ(ended->result, "CONTINUE");
}

TEST(systems, the_end_of_an_old_release_is_no_crash_and_a_rollback_makes_it_one_again) {
  systems fleet((std::string(images)));
  fleet.start_replicas(3);
  fleet.release("web-r1", 3);
  fleet.release("web-r2", 3);

  fleet.world.autoscaling().terminate(fleet.first_of("web-r1"), true);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.quiet(); }));
  EXPECT_TRUE(fleet.world.ec2().images().empty());

  fleet.world.autoscaling().set_desired("web-r1", 3);
  fleet.time.run_for(1min);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.quiet(); }));
  fleet.world.autoscaling().terminate(fleet.first_of("web-r1"), true);
  fleet.time.run_for(10s);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.quiet(); }));
  EXPECT_EQ(fleet.world.ec2().images().size(), 1U);
}

TEST(systems, an_unreachable_table_decides_nothing_and_is_said_by_readiness) {
  systems fleet((std::string(images)));
  auto& worker = fleet.start_worded();
  fleet.release("web-r1");
  fleet.world.dynamodb().delete_table("lifehook");
  const auto instance = fleet.first_of("web-r1");

  fleet.world.autoscaling().terminate(instance, true);
  fleet.time.run_for(10min);

  EXPECT_TRUE(fleet.world.ec2().images().empty());
  EXPECT_FALSE(fleet.all_ended()) << "held";
  EXPECT_THAT(worker.service->not_ready(), testing::Contains(testing::AllOf(testing::StartsWith("state dynamodb: "),
                                                                            testing::HasSubstr("make the table"))));
  fleet.world.dynamodb().create_table("lifehook");
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.quiet(); }));
  fleet.time.run_for(10s);  // the next probe
  EXPECT_THAT(worker.service->not_ready(), testing::IsEmpty());
}

constexpr std::string_view few_images =
    "  - {name: web, match: [web-*], hooks: [drain, warmup], deadline: 20m, launching: [track_current_group], "
    "terminating: [create_image: {retain: {count: 3}}, wait: {for: 5m}]}\n";

TEST(systems, of_many_ends_at_once_every_hook_sees_its_image_though_few_are_kept) {
  systems fleet((std::string(few_images)));
  std::vector<replica*> workers;
  for (int i = 0; i < 3; ++i) workers.push_back(&fleet.start_worded());
  fleet.release("web-r1", 8);

  for (const auto& each : fleet.world.autoscaling().instances("web-r1")) {
    fleet.world.autoscaling().terminate(each, true);
    fleet.time.run_for(4s);
  }

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.quiet(); }));
  for (const auto* worker : workers) EXPECT_THAT(worker->logged("steps_failed"), testing::IsEmpty());
  fleet.time.run_for(30min);
  const auto& made = fleet.world.ec2().images();
  EXPECT_EQ(made.size(), 8U);
  EXPECT_EQ(std::count_if(made.begin(), made.end(), [](const auto& each) { return !each.deregistered; }), 3);
  std::size_t removed = 0;
  for (const auto* worker : workers) removed += worker->logged("image_removed").size();
  EXPECT_EQ(removed, 5U) << "each said once";
}

constexpr std::string_view planned =
    "  - {name: web, match: [web-*], hooks: [drain], deadline: 20m, "
    "terminating: [create_image: {expected_causes: [user_request]}]}\n";

TEST(systems, a_planned_scale_in_of_more_than_a_page_of_activities_makes_no_image) {
  systems fleet((std::string(planned)));
  fleet.world.autoscaling().set_desired("web-fleet", 140);
  fleet.time.run_for(5min);
  auto& worker = fleet.start_worded();
  fleet.time.run_for(10s);

  fleet.world.autoscaling().set_desired("web-fleet", 10);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.actions().size() >= 130 && fleet.quiet(); }));
  EXPECT_TRUE(fleet.world.ec2().images().empty());
  EXPECT_EQ(worker.logged("expected_end").size(), 130U);
  EXPECT_THAT(worker.counts.exposition(), testing::ContainsRegex("DescribeScalingActivities\"[^\n]*} [0-9]\n"));
}

constexpr std::string_view spot =
    "  - {name: web, match: [web-*], deadline: 1h, spot_interruption: [[deregister_targets, raise_capacity, "
    "drain_ecs: {cluster: prod}]]}\n";

TEST(systems, two_warnings_told_twice_to_two_replicas_raise_by_two_and_give_both_back) {
  systems fleet((std::string(spot)));
  fleet.deploy();
  fleet.start_replicas(2);
  fleet.world.autoscaling().bridge(fleet.world.sqs().queue_arn("lifecycle"));
  const auto before = fleet.desired("web-fleet");
  const auto first = fleet.first_of("web-fleet");
  const auto second = fleet.world.autoscaling().instances("web-fleet").back();

  for (int twice = 0; twice < 2; ++twice) {
    fleet.world.ec2().warn_spot(first);
    fleet.world.ec2().warn_spot(second);
  }
  int highest = 0;
  for (int i = 0; i < 40; ++i) {
    fleet.time.run_for(1s);
    highest = std::max(highest, fleet.desired("web-fleet"));
  }

  EXPECT_EQ(highest, before + 2);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.queue_is_empty() && fleet.desired("web-fleet") == before; }));
  fleet.time.run_for(10min);
  EXPECT_EQ(fleet.desired("web-fleet"), before) << "capacity must not creep";
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

TEST(systems, a_worker_killed_between_raise_and_return_leaves_it_to_another) {
  systems fleet((std::string(spot)));
  fleet.deploy();
  auto& doomed = fleet.start_worded();
  fleet.world.autoscaling().bridge(fleet.world.sqs().queue_arn("lifecycle"));
  const auto before = fleet.desired("web-fleet");
  fleet.world.ec2().warn_spot(fleet.first_of("web-fleet"));
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.desired("web-fleet") == before + 1; }, 30s));

  fleet.stop(doomed, 1s);
  fleet.start_worded();

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.queue_is_empty(); }));
  EXPECT_EQ(fleet.desired("web-fleet"), before);
}

TEST(systems, what_was_raised_for_an_instance_that_has_left_its_group_is_given_back) {
  systems fleet((std::string(spot)));
  fleet.deploy();
  auto& doomed = fleet.start_worded();
  fleet.world.autoscaling().bridge(fleet.world.sqs().queue_arn("lifecycle"));
  const auto before = fleet.desired("web-fleet");
  const auto instance = fleet.first_of("web-fleet");
  fleet.world.ec2().warn_spot(instance);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.desired("web-fleet") == before + 1; }, 30s));

  fleet.stop(doomed, 1s);
  fleet.world.ec2().terminate(instance);
  fleet.time.run_for(10min);
  ASSERT_EQ(fleet.desired("web-fleet"), before + 1);
  fleet.start_worded();

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.queue_is_empty(); }));
  EXPECT_EQ(fleet.desired("web-fleet"), before);
}

}  // namespace
}  // namespace lifehook::test
