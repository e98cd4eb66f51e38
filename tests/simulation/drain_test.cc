#include "aws/ecs.h"
#include "tests/simulation/worded_scenario.h"

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;

TEST(drain, a_scale_in_ends_with_every_hook_completed_and_no_task_lost) {
  scenario fleet;
  fleet.start();

  fleet.scale_in_to(2);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }));
  EXPECT_EQ(fleet.lost_tasks(), 0U);
  for (const auto& action : fleet.actions()) {
    EXPECT_EQ(action.result, "CONTINUE");
    EXPECT_FALSE(action.timed_out);
    EXPECT_EQ(action.complete_calls, 1U);
  }
}

TEST(drain, the_hook_gets_heartbeats_while_tasks_are_still_stopping) {
  scenario fleet;
  fleet.instances = 2;
  fleet.start();
  const auto before = fleet.time.clock.now();

  fleet.scale_in_to(1);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  const auto& action = fleet.actions().front();
  EXPECT_GT(*action.ended - before, 30s) << "the drain must outlast one heartbeat timeout to show anything";
  EXPECT_GE(action.heartbeats.size(), 1U);
  EXPECT_FALSE(action.timed_out);
}

TEST(drain, the_message_stays_until_the_completion_is_acknowledged) {
  scenario fleet;
  fleet.start();
  fleet.add_fault(fault_kind::server_error, "autoscaling", "CompleteLifecycleAction", 10min);

  fleet.scale_in_to(3);
  fleet.time.run_for(9min);

  EXPECT_EQ(fleet.world.sqs().counts(fleet.queue_url()).in_flight, 1U);
  EXPECT_EQ(fleet.ended_actions(), 0U) << "heartbeats must hold the hook open meanwhile";
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_FALSE(fleet.actions().front().timed_out);
}

TEST(drain, access_denied_holds_the_hook_with_heartbeats_until_it_is_allowed) {
  scenario fleet;
  fleet.start();
  fleet.add_fault(fault_kind::access_denied, "ecs", "*", 15min);

  fleet.scale_in_to(3);
  fleet.time.run_for(14min);

  EXPECT_EQ(fleet.ended_actions(), 0U);
  EXPECT_GE(fleet.actions().front().heartbeats.size(), 40U) << "one each half of 30 s";
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(fleet.lost_tasks(), 0U);
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
}

TEST(drain, an_outage_is_logged_at_error) {
  scenario fleet;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.add_fault(fault_kind::access_denied, "ecs", "*", 1min);

  fleet.scale_in_to(3);
  fleet.time.run_for(50s);

  const auto outages = worker.logged("outage");
  ASSERT_FALSE(outages.empty());
  EXPECT_EQ(outages.front().at("level").as_string(), "error");
  EXPECT_EQ(outages.front().at("meaning").as_string(), "denied");
}

TEST(drain, an_unknown_cluster_is_an_outage_never_done) {
  scenario fleet;
  fleet.terminating = "[{drain_ecs: {cluster: prdo}}]";
  fleet.start();

  fleet.scale_in_to(3);
  fleet.time.run_for(20min);

  EXPECT_EQ(fleet.ended_actions(), 0U);
  EXPECT_GE(fleet.actions().front().heartbeats.size(), 50U);
}

TEST(drain, at_the_deadline_the_policy_applies_and_not_before) {
  scenario fleet;
  fleet.group_settings = "deadline: 10m, on_failure: {terminating: abandon}";
  fleet.start();
  fleet.add_fault(fault_kind::access_denied, "ecs", "*", 2h);
  const auto before = fleet.time.clock.now();

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  const auto& action = fleet.actions().front();
  EXPECT_EQ(action.result, "ABANDON");
  EXPECT_FALSE(action.timed_out);
  EXPECT_GE(*action.ended - before, 9min + 45s);
  EXPECT_LE(*action.ended - before, 10min);
}

TEST(drain, the_policy_default_lets_aws_decide_and_removes_the_message_after) {
  scenario fleet;
  fleet.group_settings = "deadline: 5m, on_failure: {terminating: default}";
  fleet.start();
  fleet.add_fault(fault_kind::access_denied, "ecs", "*", 2h);

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_TRUE(fleet.actions().front().timed_out);
  EXPECT_EQ(fleet.actions().front().complete_calls, 0U);
}

TEST(drain, a_step_timeout_does_not_run_while_aws_does_not_answer) {
  scenario fleet;
  fleet.terminating = "[{drain_ecs: {cluster: prod, timeout: 3m}}]";
  fleet.group_settings = "deadline: 40m, on_failure: {terminating: abandon}";
  fleet.start();
  fleet.add_fault(fault_kind::server_error, "ecs", "*", 20min);

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE") << "three minutes of answers were never used up";
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

TEST(drain, a_step_timeout_ends_the_step_when_aws_answers_all_along) {
  scenario fleet;
  fleet.terminating = "[{drain_ecs: {cluster: prod, timeout: 3m}}]";
  fleet.group_settings = "deadline: 40m, on_failure: {terminating: abandon}";
  fleet.furnish();
  fleet.time.run_for(1s);
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();
  fleet.world.ecs().run_task("prod", "report", instance);
  fleet.time.run_for(30s);
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  const auto before = fleet.time.clock.now();

  fleet.world.autoscaling().terminate(instance, true);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(fleet.actions().front().result, "ABANDON");
  EXPECT_NEAR(std::chrono::duration<double>(*fleet.actions().front().ended - before).count(), 180, 15);
  ASSERT_EQ(worker.logged("step_ended").size(), 1U);
  EXPECT_EQ(worker.logged("step_ended").front().at("outcome").as_string(), "standalone_task");
}

TEST(drain, standalone_tasks_are_stopped_after_their_time_when_asked) {
  scenario fleet;
  fleet.terminating = "[{drain_ecs: {cluster: prod, standalone_tasks: stop, stop_after: 2m}}]";
  fleet.furnish();
  fleet.time.run_for(1s);
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();
  fleet.world.ecs().run_task("prod", "report", instance);
  fleet.time.run_for(30s);
  fleet.start(fleet.add_worker());
  const auto before = fleet.time.clock.now();

  fleet.world.autoscaling().terminate(instance, true);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_GE(*fleet.actions().front().ended - before, 2min);
  EXPECT_LE(*fleet.actions().front().ended - before, 4min);
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

TEST(drain, a_dead_host_ends_the_drain_as_lost) {
  scenario fleet;
  fleet.furnish();
  fleet.time.run_for(1s);
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();
  fleet.world.ecs().run_task("prod", "report", instance);
  fleet.time.run_for(30s);
  auto& worker = fleet.add_worker();
  fleet.start(worker);

  fleet.world.autoscaling().terminate(instance, true);
  fleet.time.run_for(20s);
  fleet.world.ecs().set_agent_connected(instance, false);

  fleet.time.run_for(3min);
  const auto stuck = worker.logged("drain_without_progress");
  ASSERT_FALSE(stuck.empty());
  EXPECT_EQ(stuck.front().at("outcome").as_string(), "agent_disconnected");
  EXPECT_EQ(fleet.ended_actions(), 0U);
}

TEST(drain, an_agent_that_registers_again_meanwhile_keeps_the_hook_until_its_tasks_are_gone) {
  worded_scenario fleet(
      "  - {name: web, match: [web-*], hooks: [drain], deadline: 40m, terminating: [{drain_ecs: {cluster: prod}}]}\n");
  fleet.furnish();
  fleet.time.run_for(1s);
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();
  fleet.world.ecs().run_task("prod", "report", instance);
  fleet.time.run_for(30s);
  fleet.start_worded();
  fleet.world.autoscaling().terminate(instance, true);
  fleet.time.run_for(20s);

  aws::ecs by_hand(fleet.somebody());
  const auto old = fleet.time.wait_for(by_hand.find_container_instances("prod", {instance}));
  fleet.time.wait_for(by_hand.deregister("prod", old.value().front(), true));
  fleet.world.ecs().register_instance("prod", instance, 8);
  const auto task = fleet.world.ecs().run_task("prod", "report", instance);
  fleet.time.run_for(5min);

  EXPECT_EQ(fleet.ended_actions(), 0U);
  EXPECT_EQ(fleet.world.ecs().instance_status(instance), "DRAINING");
  fleet.world.ecs().stop_task(task);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

TEST(drain, an_instance_that_is_in_no_cluster_is_done_at_once) {
  scenario fleet;
  fleet.furnish();
  fleet.world.ecs().create_cluster("other");
  fleet.terminating = "[{drain_ecs: {cluster: other}}]";
  fleet.start(fleet.add_worker());
  const auto before = fleet.time.clock.now();

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_LE(*fleet.actions().front().ended - before, 2s);
}

TEST(drain, the_cluster_is_found_by_itself_when_it_is_auto) {
  scenario fleet;
  fleet.terminating = "[{drain_ecs: {clusters: auto}}]";
  fleet.furnish();
  fleet.world.ecs().create_cluster("another");
  fleet.deploy();
  fleet.start(fleet.add_worker());

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

}  // namespace
}  // namespace lifehook::test
