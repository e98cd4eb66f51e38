#include "aws/json_document.h"
#include "aws/xml.h"
#include "handlers/reception.h"
#include "tests/handlers/step_stage.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr int many = 400;

template <class Answer>
task<> forget(task<result<Answer>> asking) {
  co_await std::move(asking);
}

// An instance of the fleet about which something is to be asked, while AWS takes two calls a second of what hundreds
// that are in no haste ask.
struct interruptions_test : testing::Test {
  interruptions_test() {
    fleet.furnish(3);
    fleet.time.run_for(1min);
    about = fleet.spot(fleet.an_instance());
    fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.body.find("crowd") == std::string::npos) return std::nullopt;
      return call.body.starts_with('{') ? refused_by_ecs("ThrottlingException") : throttled_call();
    };
  }

  void crowd(const aws::service& of, std::string_view operation) {
    const bool is_json = !of.target_prefix.empty();
    for (int i = 0; i < many; ++i) {
      if (is_json)
        fleet.time.tasks.spawn(forget(fleet.client.call(of, operation, json::object{{"crowd", true}})));
      else
        fleet.time.tasks.spawn(forget(fleet.client.call(of, operation, aws::query_parameters{{"crowd", "true"}})));
    }
    fleet.time.run_for(2s);
  }
  void crowd_autoscaling() { crowd(aws::services::autoscaling, "DescribeLifecycleHooks"); }

  event task_interrupted() {
    fleet.world.ecs().create_cluster("jobs");
    event told;
    told.kind = event_kind::task_interruption;
    told.task_arn = fleet.world.ecs().run_fargate_task({.cluster = "jobs"});
    fleet.time.run_for(30s);
    told.time = fleet.time.clock.now();
    told.cluster_arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/jobs";
    told.task_group = "family:report";
    return told;
  }

  duration asked_after(std::string_view operation) {
    const auto calls = fleet.wire.of(operation);
    const auto own = std::find_if(calls.begin(), calls.end(),
                                  [](const auto& each) { return each.body.find("crowd") == std::string::npos; });
    return own == calls.end() ? duration::max() : own->at - *about.time;
  }
  // How long it takes.
  duration span_of(const step_plan& plan) {
    const auto before = fleet.time.clock.now();
    EXPECT_EQ(fleet.run(plan, about).value(), outcome::done);
    return fleet.time.clock.now() - before;
  }
  duration span_of_routing() {
    group tagged;
    tagged.name = "web";
    tagged.match_tags = {{"Team", "*"}};
    tagged.plans[about.kind] = {};
    reception desk(fleet.services, {std::move(tagged)}, fleet.time.tasks);
    tenure keeps(fleet.terms());
    const auto before = fleet.time.clock.now();
    const auto end = fleet.time.wait_for(desk.receive(std::make_shared<event>(about), keeps, fleet.log));
    EXPECT_EQ(end.what, verdict::kind::remove);
    return fleet.time.clock.now() - before;
  }

  step_stage fleet;
  event about;
};

TEST_F(interruptions_test, raise_capacity_goes_before_others) {
  crowd_autoscaling();

  EXPECT_LE(span_of(plan_of("raise_capacity")), 5s);
}

TEST_F(interruptions_test, detach_instance_goes_before_others) {
  crowd_autoscaling();

  EXPECT_LE(span_of(plan_of("detach_instance")), 5s);
}

TEST_F(interruptions_test, of_a_capacity_reservation_go_before_others) {
  about.kind = event_kind::capacity_reservation_interruption;
  crowd_autoscaling();

  EXPECT_LE(span_of(plan_of("raise_capacity")), 5s);
}

TEST_F(interruptions_test, a_rebalance_recommendation_waits_its_turn) {
  about.kind = event_kind::rebalance_recommendation;
  crowd_autoscaling();

  EXPECT_GE(span_of(plan_of("raise_capacity")), 30s);
}

TEST_F(interruptions_test, a_rebalance_recommendation_that_is_routed_waits_its_turn) {
  about.kind = event_kind::rebalance_recommendation;
  about.group.clear();
  crowd_autoscaling();

  EXPECT_GE(span_of_routing(), 30s);
}

TEST_F(interruptions_test, whose_the_instance_is_goes_before_others) {
  about.group.clear();
  crowd_autoscaling();
  crowd(aws::services::ec2, "DescribeInstances");

  EXPECT_LE(span_of_routing(), 5s);
}

TEST_F(interruptions_test, every_call_of_a_drain_goes_before_others) {
  fleet.world.ecs().run_task("prod", "report", about.instance);
  fleet.time.run_for(10s);
  crowd(aws::services::ecs, "DescribeTasks");
  crowd(aws::services::ecs, "UpdateContainerInstancesState");

  EXPECT_LE(span_of(plan_of("drain_ecs", {{"cluster", "prod"}, {"standalone_tasks", "stop"}})), 30s);
}

TEST_F(interruptions_test, run_command_goes_before_others) {
  crowd(aws::services::ssm, "ListCommands");

  EXPECT_LE(span_of(plan_of("run_command",
                            {{"document", "AWS-RunShellScript"}, {"parameters", text_lists{{"commands", {"sync"}}}}})),
            20s);
}

TEST_F(interruptions_test, notify_goes_before_others) {
  const auto topic = fleet.world.sns().create_topic("fleet");
  crowd(aws::services::sns, "Publish");

  EXPECT_LE(span_of(plan_of("notify", {{"topic", topic}})), 5s);
}

TEST_F(interruptions_test, deregister_targets_goes_before_those_of_others) {
  const auto target_group = fleet.world.elbv2().create_target_group({.name = "web"});
  fleet.world.elbv2().register_target(target_group, about.instance, 80);
  crowd(aws::services::elbv2, "DeregisterTargets");

  EXPECT_LE(span_of(plan_of("deregister_targets", {{"target_groups", std::vector<std::string>{target_group}}})), 5s);
}

TEST_F(interruptions_test, of_a_task_that_leaves_its_target_groups_go_before_others) {
  about = task_interrupted();
  const auto target_group = fleet.world.elbv2().create_target_group({.name = "jobs"});
  const auto task = fleet.time.wait_for(fleet.runner.usual.describe("jobs", about.task_arn.get())).value();
  fleet.world.elbv2().register_target(target_group, task->private_address, 80);
  crowd(aws::services::ecs, "DescribeTasks");

  EXPECT_LE(span_of(plan_of("deregister_targets", {{"target_groups", std::vector<std::string>{target_group}}})), 5s);
}

TEST_F(interruptions_test, of_a_task_that_is_run_again_go_before_others) {
  about = task_interrupted();
  fleet.world.ecs().interrupt_spot_task(about.task_arn.get());
  crowd(aws::services::ecs, "DescribeTasks");
  crowd(aws::services::ec2, "DescribeNetworkInterfaces");

  span_of(plan_of("rerun_task"));

  EXPECT_LE(asked_after("DescribeNetworkInterfaces"), 10s) << "of the task, which was described before";
  EXPECT_LE(asked_after("RunTask"), 140s) << "two minutes for it to stop";
}

}  // namespace
}  // namespace lifehook::handlers
