#include "aws/services.h"
#include "aws/xml.h"
#include "tests/simulation/worded_scenario.h"

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

// A drain that cannot finish: what is said of it while it stands still, and how it ends at the deadline.
struct told_of_drain {
  std::vector<std::string> while_stuck;
  std::string why;
  std::string at_the_deadline;
};

told_of_drain drain_to_the_deadline(scenario& fleet,
                                    const std::function<void(const std::string& instance)>& make_stuck) {
  fleet.group_settings = "deadline: 10m, on_failure: {terminating: continue}";
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();
  make_stuck(instance);
  fleet.world.autoscaling().terminate(instance, true);
  EXPECT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_GE(*fleet.actions().front().ended - fleet.actions().front().began, 9min + 45s);
  told_of_drain told;
  for (const auto& each : worker.logged("drain_without_progress")) {
    told.while_stuck.emplace_back(each.at("outcome").as_string());
    told.why = each.at("why").as_string();
  }
  EXPECT_EQ(worker.logged("step_ended").size(), 1U);
  if (!worker.logged("step_ended").empty())
    told.at_the_deadline = worker.logged("step_ended").front().at("outcome").as_string();
  return told;
}

void expect_all(const told_of_drain& told, const std::string& outcome) {
  ASSERT_FALSE(told.while_stuck.empty());
  for (const auto& each : told.while_stuck) EXPECT_EQ(each, outcome);
  EXPECT_LE(told.while_stuck.size(), 3U) << "a reason is repeated every five minutes, not at every look";
  EXPECT_EQ(told.at_the_deadline, outcome);
}

TEST(steps, a_drain_of_a_service_that_may_neither_stop_nor_start_says_max_100) {
  scenario fleet;
  fleet.instances = 2;
  fleet.furnish();
  fleet.world.ecs().create_service({"prod", "web", 4, 100, 100, false, 3s, 5s});
  fleet.time.run_for(30s);

  const auto told = drain_to_the_deadline(fleet, [](const auto&) {});

  expect_all(told, "max_100");
  EXPECT_NE(told.why.find("service web"), std::string::npos);
}

TEST(steps, a_drain_without_room_elsewhere_says_no_capacity) {
  scenario fleet;
  fleet.instances = 2;
  fleet.furnish();
  fleet.world.ecs().create_service({"prod", "web", 12, 100, 200, false, 3s, 5s});
  fleet.time.run_for(30s);

  const auto told = drain_to_the_deadline(fleet, [](const auto&) {});

  expect_all(told, "no_capacity");
  EXPECT_NE(told.why.find("unable to place a task"), std::string::npos);
}

TEST(steps, a_drain_of_a_protected_task_says_protected) {
  scenario fleet;
  fleet.furnish();
  fleet.deploy();

  const auto told = drain_to_the_deadline(fleet, [&fleet](const auto& instance) {
    for (const auto& each : fleet.world.ecs().tasks("prod"))
      if (each.instance == instance) fleet.world.ecs().protect_task(each.arn, true);
  });

  expect_all(told, "protected");
}

TEST(steps, a_drain_that_goes_on_again_forgets_its_reason) {
  scenario fleet;
  fleet.instances = 2;
  fleet.furnish();
  fleet.world.ecs().create_service({"prod", "web", 12, 100, 200, false, 3s, 5s});
  fleet.time.run_for(30s);
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.scale_in_to(1);
  fleet.time.run_for(3min);
  ASSERT_FALSE(worker.logged("drain_without_progress").empty());

  fleet.world.ecs().register_instance("prod", "i-0000000000000beef", 8);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(fleet.lost_tasks(), 0U);
  EXPECT_EQ(worker.logged("step_ended").front().at("outcome").as_string(), "done");
}

TEST(steps, the_mode_deregister_takes_the_instance_out_of_its_cluster) {
  scenario fleet;
  fleet.terminating = "[{drain_ecs: {cluster: prod, mode: deregister}}]";
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();

  fleet.world.autoscaling().terminate(instance, true);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
  EXPECT_LE(*fleet.actions().front().ended - fleet.actions().front().began, 2s);
  EXPECT_EQ(fleet.world.ecs().instance_status(instance), "INACTIVE");
  EXPECT_EQ(worker.logged("deregistered").size(), 1U);
  EXPECT_FALSE(fleet.world.calls().contains("ecs.UpdateContainerInstancesState"));
}

TEST(steps, a_nested_list_runs_together) {
  scenario fleet;
  fleet.terminating = "[[{wait: {for: 2m}}, {drain_ecs: {cluster: prod}}]]";
  fleet.furnish();
  fleet.deploy();
  fleet.start(fleet.add_worker());
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();

  fleet.world.autoscaling().terminate(instance, true);

  fleet.time.run_for(2s);
  EXPECT_EQ(fleet.world.ecs().instance_status(instance), "DRAINING");
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_GE(*fleet.actions().front().ended - fleet.actions().front().began, 2min);
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

TEST(steps, an_instance_that_returns_from_its_warm_pool_is_set_active_again) {
  worded_scenario fleet(
      "  - {name: web, match: [\"web-*\"], hooks: [\"*\"], terminating: [{drain_ecs: {cluster: prod}}], launching: "
      "[{wait: {for: 5s}}]}\n");
  fleet.furnish();
  fleet.put_launch_hook();
  fleet.deploy();
  auto put = fleet.somebody().call(aws::services::autoscaling, "PutWarmPool",
                                   aws::query_parameters{{"AutoScalingGroupName", "web-fleet"},
                                                         {"MaxGroupPreparedCapacity", "4"},
                                                         {"InstanceReusePolicy.ReuseOnScaleIn", "true"}});
  ASSERT_TRUE(fleet.time.wait_for(std::move(put)).has_value());
  auto& worker = fleet.start_worded();
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();
  fleet.scale_in_to(3);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  fleet.time.run_for(5s);
  ASSERT_EQ(fleet.world.autoscaling().lifecycle_state(instance), "Warmed:Stopped");
  ASSERT_EQ(fleet.world.ecs().instance_status(instance), "DRAINING");

  fleet.world.autoscaling().set_desired("web-fleet", 4);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }));
  EXPECT_EQ(fleet.world.ecs().instance_status(instance), "ACTIVE");
  EXPECT_EQ(worker.logged("activating").size(), 1U);
  EXPECT_EQ(fleet.actions().back().result, "CONTINUE");
}

TEST(steps, what_check_warns_of_a_worker_says_at_its_start) {
  worded_scenario fleet("  - {name: web, match: [web-*], spot_interruption: [raise_capacity]}\n");
  fleet.furnish();

  auto& worker = fleet.start_worded();

  const auto said = worker.logged("configuration_warning");
  ASSERT_FALSE(said.empty());
  EXPECT_NE(said.front().at("warning").as_string().find("raise_capacity"), std::string::npos);
  const auto of_queue = worker.logged("queue_warning");
  ASSERT_EQ(of_queue.size(), 1U);
  EXPECT_NE(of_queue.front().at("warning").as_string().find("maxReceiveCount of 20"), std::string::npos);
}

}  // namespace
}  // namespace lifehook::test
