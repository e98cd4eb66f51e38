#include "handlers/drain_ecs.h"

#include "base/time_text.h"
#include "handlers/plan_runner.h"
#include "tests/handlers/fleet_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;

aws::http_response not_found_by_ecs() {
  return {400, {}, R"({"__type":"InvalidParameterException","message":"The container instance was not found."})"};
}

aws::http_response unknown_to_autoscaling() {
  return {200,
          {},
          "<DescribeAutoScalingInstancesResponse><DescribeAutoScalingInstancesResult><AutoScalingInstances/>"
          "</DescribeAutoScalingInstancesResult></DescribeAutoScalingInstancesResponse>"};
}

aws::http_response unhealthy_by_autoscaling(const std::string& instance) {
  return {
      200,
      {},
      fmt::format("<DescribeAutoScalingInstancesResponse><DescribeAutoScalingInstancesResult><AutoScalingInstances>"
                  "<member><InstanceId>{}</InstanceId><AutoScalingGroupName>web-fleet</AutoScalingGroupName>"
                  "<LifecycleState>Terminating:Wait</LifecycleState><HealthStatus>Unhealthy</HealthStatus></member>"
                  "</AutoScalingInstances></DescribeAutoScalingInstancesResult></DescribeAutoScalingInstancesResponse>",
                  instance)};
}

task<> forget(task<result<>> calling) { co_await std::move(calling); }

// One instance of the fleet that is to end; nothing runs on it.
struct drain_ecs_test : testing::Test {
  drain_ecs_test() {
    fleet.furnish(1, 3600s);
    about = fleet.begin_termination();
  }
  ~drain_ecs_test() override {
    keeps.end(give_up::stop);
    fleet.time.run_until([this] { return ended.has_value() || !runner; });
  }

  // Makes the drain one that lasts until the task is stopped.
  std::string run_a_standalone_task() {
    auto arn = fleet.world.ecs().run_task("prod", "report", about->instance);
    fleet.time.run_for(10s);
    return arn;
  }
  void set_draining_beforehand() {
    fleet.time.wait_for(fleet.ecs.usual.set_state("prod", {container_instance()}, "DRAINING"));
    fleet.wire.calls.clear();
  }
  std::string container_instance() {
    return fleet.time.wait_for(fleet.ecs.usual.find_container_instances("prod", {about->instance})).value().front();
  }

  void list_none_for(duration span) {
    const auto listed = fleet.time.clock.now() + span;
    fleet.wire.instead = [listed](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation != "ListContainerInstances" || call.at >= listed) return std::nullopt;
      return aws::http_response{200, {}, R"({"containerInstanceArns":[]})"};
    };
  }

  void begin(step_plan plan = drain_step()) {
    of.name = "web";
    runner.emplace(of, handlers::plan{{{std::move(plan)}}}, fleet.services);
    began = fleet.time.clock.now();
    fleet.time.tasks.spawn(keep(keeps.work().guard(runner->run(about, keeps, fleet.log)), *this));
  }
  result<outcome> end(duration limit = 1h) {
    if (!fleet.time.run_until([this] { return ended.has_value(); }, limit)) return error{errc::timeout, "goes on"};
    return *ended;
  }
  result<outcome> run(step_plan plan = drain_step()) {
    begin(std::move(plan));
    return end();
  }
  duration took() const { return ended_at - began; }

  static task<> keep(task<result<outcome>> running, drain_ecs_test& of) {
    of.ended.emplace(co_await std::move(running));
    of.ended_at = of.fleet.time.clock.now();
  }

  fleet_stage fleet;
  std::shared_ptr<event> about;
  tenure keeps{fleet.terms()};
  group of;  // what the runner is bound to
  std::optional<plan_runner> runner;
  std::optional<result<outcome>> ended;
  time_point began, ended_at;
};

task<> list_tasks_of(fleet_stage& fleet, std::string arn) {
  co_await fleet.ecs.usual.list_tasks("prod", std::move(arn), "RUNNING");
}

step_plan empty_for(duration how_long) {
  auto plan = drain_step();
  plan.with.set("empty_for", how_long);
  return plan;
}

step_plan drain_anywhere() {
  step_plan plan{"drain_ecs", {}, std::nullopt, false, on_error::stop};
  plan.with.set("clusters", std::vector<std::string>{"auto"});
  return plan;
}

TEST_F(drain_ecs_test, an_empty_instance_that_was_draining_already_is_done_at_the_second_look) {
  set_draining_beforehand();

  EXPECT_EQ(run().value(), outcome::done);

  EXPECT_EQ(took(), 1s) << "a task may have been placed just before somebody else set it so";
  EXPECT_EQ(fleet.wire.count("DescribeContainerInstances"), 2U);
}

TEST_F(drain_ecs_test, an_instance_just_set_draining_is_done_when_it_is_empty_twice_in_a_row) {
  EXPECT_EQ(run().value(), outcome::done);

  EXPECT_EQ(fleet.wire.count("DescribeContainerInstances"), 2U);
  EXPECT_LE(took(), 1s);
}

TEST_F(drain_ecs_test, drains_of_a_cluster_that_look_together_are_still_empty_for_as_long_as_they_must) {
  const ecs_cluster_view::drain_count another(fleet.services.clusters.of("prod"));
  fleet.time.run_for(990ms);

  EXPECT_EQ(run(empty_for(1s)).value(), outcome::done);

  EXPECT_GE(took(), 1s);
  EXPECT_LE(took(), 1250ms);
}

TEST_F(drain_ecs_test, an_instance_must_be_seen_empty_for_as_long_as_is_asked) {
  EXPECT_EQ(run(empty_for(10s)).value(), outcome::done);

  EXPECT_EQ(took(), 10s);
  EXPECT_EQ(fleet.wire.count("DescribeContainerInstances"), 2U);
}

TEST_F(drain_ecs_test, an_instance_in_no_cluster_is_passed_over_when_it_was_looked_for_twice) {
  fleet.time.wait_for(fleet.ecs.usual.deregister("prod", container_instance(), true));
  const auto before = fleet.wire.count("ListContainerInstances");

  EXPECT_EQ(run().value(), outcome::skipped);

  EXPECT_EQ(fleet.wire.count("ListContainerInstances"), before + 2);
  EXPECT_EQ(took(), 1s);
  const auto said = fleet.logged("not_in_cluster");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said.front().at("level").as_string(), "warn") << "the name may be wrong";
  EXPECT_EQ(said.front().at("clusters").as_string(), "prod");
}

TEST_F(drain_ecs_test, an_instance_in_no_cluster_at_all_is_no_warning) {
  fleet.time.wait_for(fleet.ecs.usual.deregister("prod", container_instance(), true));

  EXPECT_EQ(run(drain_anywhere()).value(), outcome::skipped);

  ASSERT_EQ(fleet.logged("not_in_cluster").size(), 1U);
  EXPECT_EQ(fleet.logged("not_in_cluster").front().at("level").as_string(), "info");
}

TEST_F(drain_ecs_test, an_instance_that_ecs_lists_late_is_drained) {
  run_a_standalone_task();
  list_none_for(500ms);
  begin();
  fleet.time.run_for(1min);

  EXPECT_FALSE(ended.has_value());
  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");
}

TEST_F(drain_ecs_test, an_instance_that_ecs_lists_late_is_deregistered) {
  const auto arn = container_instance();
  list_none_for(500ms);

  EXPECT_EQ(run(plan_of("drain_ecs", {{"cluster", "prod"}, {"mode", "deregister"}})).value(), outcome::done);

  EXPECT_EQ(fleet.wire.count("DeregisterContainerInstance"), 1U);
}

TEST_F(drain_ecs_test, an_instance_in_no_cluster_is_looked_for_again_in_hand_and_on_nobodys_time) {
  fleet.time.wait_for(fleet.ecs.usual.deregister("prod", container_instance(), true));
  auto again = empty_for(10s);
  again.timeout = 2s;
  auto under = fleet.terms();
  under.hold_until = under.received;
  tenure hardly_held(under);
  of.name = "web";
  plan_runner steps(of, {{{again}}}, fleet.services);
  began = fleet.time.clock.now();

  EXPECT_EQ(fleet.time.wait_for(hardly_held.work().guard(steps.run(about, hardly_held, fleet.log))).value(),
            outcome::skipped);

  EXPECT_EQ(fleet.time.clock.now() - began, 10s);
}

// While the event is not proven to be of an action that is open.
struct unproven_drain_test : drain_ecs_test {
  unproven_drain_test() { keeps.set_proof(proof); }

  std::shared_ptr<latch> proof = std::make_shared<latch>(fleet.time.io.get_executor());
};

TEST_F(unproven_drain_test, the_instance_is_found_but_not_set_draining) {
  run_a_standalone_task();
  begin();
  fleet.time.run_for(10min);

  EXPECT_EQ(fleet.wire.count("ListContainerInstances"), 1U);
  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 0U);
  EXPECT_FALSE(ended.has_value());
}

TEST_F(unproven_drain_test, an_instance_in_no_cluster_is_not_passed_over_yet) {
  fleet.time.wait_for(fleet.ecs.usual.deregister("prod", container_instance(), true));
  begin();
  fleet.time.run_for(10min);
  EXPECT_FALSE(ended.has_value());
  proof->set();

  EXPECT_EQ(end().value(), outcome::skipped);
}

TEST_F(unproven_drain_test, once_proven_at_once_the_drain_goes_on_with_what_was_found) {
  begin(empty_for(0s));
  fleet.time.run_for(20ms);
  proof->set();

  EXPECT_EQ(end().value(), outcome::done);
  EXPECT_EQ(took(), 20ms);
  EXPECT_EQ(fleet.wire.count("DescribeContainerInstances"), 1U);
}

TEST_F(unproven_drain_test, what_was_found_long_before_is_found_again) {
  begin(empty_for(0s));
  fleet.time.run_for(30s);
  fleet.world.ecs().run_task("prod", "report", about->instance);
  fleet.time.run_for(10s);
  proof->set();
  fleet.time.run_for(10min);

  EXPECT_FALSE(ended.has_value()) << "it has a task by now";
}

TEST_F(unproven_drain_test, an_instance_that_registers_before_the_proof_is_drained) {
  run_a_standalone_task();
  list_none_for(20s);
  begin();
  fleet.time.run_for(30s);

  proof->set();
  fleet.time.run_for(1min);

  EXPECT_FALSE(ended.has_value());
  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");
}

TEST_F(unproven_drain_test, the_wait_for_the_proof_is_not_the_steps_time) {
  auto plan = drain_step();
  plan.timeout = 1min;
  run_a_standalone_task();
  begin(plan);
  fleet.time.run_for(10min);
  proof->set();
  fleet.time.run_for(50s);
  EXPECT_FALSE(ended.has_value());

  EXPECT_EQ(end().value(), outcome::standalone_task);
  EXPECT_EQ(took(), 10min + 60s);
}

TEST_F(unproven_drain_test, a_step_that_does_not_look_first_is_not_begun) {
  begin(wait_step(1s));
  fleet.time.run_for(10min);
  EXPECT_FALSE(ended.has_value());
  proof->set();

  EXPECT_EQ(end().value(), outcome::done);
  EXPECT_TRUE(fleet.logged("step_ended").front().at("took_seconds").as_double() <= 1.0);
}

TEST_F(drain_ecs_test, what_ecs_answers_to_draining_does_where_nothing_more_is_asked) {
  EXPECT_EQ(run(empty_for(0s)).value(), outcome::done);

  EXPECT_EQ(took(), 0s);
  EXPECT_EQ(fleet.wire.count("DescribeContainerInstances"), 1U);
}

TEST_F(drain_ecs_test, a_task_that_the_answer_to_draining_counts_is_waited_for_whatever_is_asked) {
  std::string placed;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "UpdateContainerInstancesState" && placed.empty())
      placed = fleet.world.ecs().run_task("prod", "report", about->instance);
    return std::nullopt;
  };
  begin(empty_for(0s));
  fleet.time.run_for(30s);
  EXPECT_FALSE(ended.has_value());

  fleet.world.ecs().stop_task(placed);
  EXPECT_EQ(end().value(), outcome::done);
}

TEST_F(drain_ecs_test, a_task_placed_just_before_draining_is_waited_for) {
  std::string placed;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "ListTasks" && placed.empty())
      placed = fleet.world.ecs().run_task("prod", "report", about->instance);
    return placed.empty() || call.operation != "ListTasks"
               ? std::nullopt
               : std::optional(aws::http_response{200, {}, R"({"taskArns":[]})"});
  };

  begin();
  fleet.time.run_for(30s);
  EXPECT_FALSE(ended.has_value());

  fleet.world.ecs().stop_task(placed);
  EXPECT_EQ(end().value(), outcome::done);
}

TEST_F(drain_ecs_test, tasks_that_were_there_a_look_ago_must_be_gone_twice) {
  const auto arn = run_a_standalone_task();
  set_draining_beforehand();
  begin();
  fleet.time.run_for(10s);
  fleet.world.ecs().stop_task(arn);
  fleet.time.run_until([&] { return fleet.world.ecs().tasks("prod").front().last_status == "STOPPED"; });
  const auto stopped = fleet.time.clock.now();

  EXPECT_EQ(end().value(), outcome::done);

  const auto counts = fleet.wire.of("ListTasks");
  EXPECT_GE(std::count_if(counts.begin(), counts.end(), [stopped](const auto& each) { return each.at >= stopped; }), 2);
  EXPECT_LE(ended_at - stopped, 3s);
}

TEST_F(drain_ecs_test, an_agent_that_registers_again_has_its_new_registration_drained) {
  run_a_standalone_task();
  begin();
  fleet.time.run_for(10s);
  const auto old = container_instance();
  fleet.time.wait_for(fleet.ecs.usual.deregister("prod", old, true));
  const auto fresh = fleet.world.ecs().register_instance("prod", about->instance, 8);
  const auto task = fleet.world.ecs().run_task("prod", "report", about->instance);

  fleet.time.run_for(1min);

  EXPECT_FALSE(ended.has_value());
  EXPECT_EQ(container_instance(), fresh);
  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");
  fleet.world.ecs().stop_task(task);
  EXPECT_EQ(end().value(), outcome::done);
}

TEST_F(drain_ecs_test, a_registration_found_again_is_looked_at_a_second_later_however_long_it_must_be_empty) {
  run_a_standalone_task();
  begin(empty_for(60s));
  fleet.time.run_for(10s);
  fleet.time.wait_for(fleet.ecs.usual.deregister("prod", container_instance(), true));
  fleet.world.ecs().register_instance("prod", about->instance, 8);

  fleet.time.run_for(4s);

  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");
}

// Its agent lost what it knew, and left the registration it had behind.
TEST_F(drain_ecs_test, a_registration_made_beside_one_whose_agent_is_gone_is_drained_before_the_drain_ends) {
  const auto before = run_a_standalone_task();
  begin();
  fleet.time.run_for(10s);
  fleet.world.ecs().stop_task(before);
  fleet.time.run_until([&] { return fleet.world.ecs().tasks("prod").front().last_status == "STOPPED"; });
  fleet.world.ecs().set_agent_connected(about->instance, false);
  fleet.world.ecs().register_instance("prod", about->instance, 8);
  const auto task = fleet.world.ecs().run_task("prod", "report", about->instance);

  fleet.time.run_for(30s);

  EXPECT_FALSE(ended.has_value());
  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");
  fleet.world.ecs().stop_task(task);
  EXPECT_EQ(end().value(), outcome::done);
}

TEST_F(drain_ecs_test, a_registration_made_beside_one_that_still_counts_tasks_is_drained_within_a_minute) {
  run_a_standalone_task();
  begin();
  fleet.time.run_for(2min);
  fleet.world.ecs().set_agent_connected(about->instance, false);
  fleet.world.ecs().register_instance("prod", about->instance, 8);

  fleet.time.run_for(75s);

  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");
  EXPECT_FALSE(ended.has_value());
}

TEST_F(drain_ecs_test, a_task_that_will_be_stopped_is_not_asked_to_be_told_so) {
  run_a_standalone_task();
  auto plan = drain_step();
  plan.with.set("standalone_tasks", std::string("stop"));
  plan.with.set("stop_after", duration(10min));

  EXPECT_EQ(run(std::move(plan)).value(), outcome::done);

  const auto stuck = fleet.logged("drain_without_progress");
  ASSERT_FALSE(stuck.empty());
  const auto stops = to_rfc3339(*about->time + 10min);
  EXPECT_THAT(std::string(stuck.front().at("why").as_string()), testing::HasSubstr("stopped at " + stops));
}

// Of a service that may not be moved: it has no more than one task, and no less.
struct unmovable_task : drain_ecs_test {
  unmovable_task() {
    fleet.world.ecs().create_service({"prod", "web", 1, 100, 100, false, 1s, 1min});
    fleet.time.run_for(10s);
    plan.timeout = 10min;
    plan.with.set("stop_remaining", duration(90s));  // a minute is its stopTimeout
  }
  std::optional<duration> stopped_after() {
    const auto calls = fleet.wire.of("StopTask");
    return calls.empty() ? std::nullopt : std::optional(calls.front().at - began);
  }
  step_plan plan = drain_step();
};

TEST_F(unmovable_task, is_stopped_a_while_before_the_steps_time_is_over) {
  EXPECT_EQ(run(plan).value(), outcome::done);

  ASSERT_TRUE(stopped_after());
  EXPECT_GE(*stopped_after(), 10min - 92s);
  EXPECT_LE(*stopped_after(), 10min - 88s);
}

TEST_F(unmovable_task, is_stopped_before_the_events_deadline_where_that_comes_first) {
  keeps.set_deadline(fleet.time.clock.now() + 5min);

  EXPECT_EQ(run(plan).value(), outcome::done);

  ASSERT_TRUE(stopped_after());
  EXPECT_GE(*stopped_after(), 5min - 92s);
  EXPECT_LE(*stopped_after(), 5min - 88s);
}

TEST_F(unmovable_task, is_left_where_nobody_has_written_so) {
  plan = drain_step();
  plan.timeout = 10min;

  EXPECT_TRUE(is_failure(run(plan).value()));

  EXPECT_FALSE(stopped_after());
}

TEST_F(drain_ecs_test, an_instance_that_has_left_its_cluster_is_looked_for_twice_and_then_gone) {
  run_a_standalone_task();
  begin();
  fleet.time.run_for(10s);
  fleet.time.wait_for(fleet.ecs.usual.deregister("prod", container_instance(), true));
  const auto found_before = fleet.wire.count("ListContainerInstances");

  EXPECT_EQ(end().value(), outcome::gone);

  EXPECT_EQ(fleet.wire.count("ListContainerInstances"), found_before + 2);
}

TEST_F(drain_ecs_test, an_agent_that_ecs_lists_late_when_it_has_registered_again_is_drained) {
  run_a_standalone_task();
  begin();
  fleet.time.run_for(10s);
  fleet.time.wait_for(fleet.ecs.usual.deregister("prod", container_instance(), true));
  fleet.world.ecs().register_instance("prod", about->instance, 8);
  std::optional<time_point> first;
  fleet.wire.instead = [&first](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "ListContainerInstances") return std::nullopt;
    if (!first) first = call.at;
    if (call.at > *first) return std::nullopt;
    return aws::http_response{200, {}, R"({"containerInstanceArns":[]})"};
  };
  fleet.time.run_for(1min);

  EXPECT_TRUE(first.has_value());
  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");
}

TEST_F(drain_ecs_test, an_instance_not_found_when_it_is_set_draining_is_looked_at_again) {
  int refused = 0;
  fleet.wire.instead = [&refused](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "UpdateContainerInstancesState" || refused == 2) return std::nullopt;
    ++refused;
    return not_found_by_ecs();
  };

  EXPECT_EQ(run().value(), outcome::done);

  EXPECT_EQ(refused, 2);
  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");
}

TEST_F(drain_ecs_test, an_instance_forgotten_between_look_and_count_is_looked_at_again) {
  set_draining_beforehand();
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    return call.operation == "ListTasks" && fleet.wire.count("ListTasks") == 1 ? std::optional(not_found_by_ecs())
                                                                               : std::nullopt;
  };

  EXPECT_EQ(run().value(), outcome::done);
  EXPECT_GE(fleet.wire.count("ListTasks"), 2U);
}

TEST_F(drain_ecs_test, tasks_that_ecs_does_not_describe_are_an_outage_and_not_gone) {
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "ListTasks") return aws::http_response{200, {}, R"({"taskArns":["arn:task/1"]})"};
    if (call.operation == "DescribeTasks") return aws::http_response{200, {}, R"({"tasks":[],"failures":[]})"};
    return std::nullopt;
  };

  begin();
  fleet.time.run_for(10min);

  EXPECT_FALSE(ended.has_value());
  EXPECT_FALSE(fleet.logged("outage").empty());
}

TEST_F(drain_ecs_test, a_cluster_deleted_meanwhile_does_not_block_a_drain_in_any_cluster) {
  fleet.world.ecs().create_cluster("aged");
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    return call.body.find("cluster/aged") != std::string::npos
               ? std::optional(refused_by_ecs("ClusterNotFoundException"))
               : std::nullopt;
  };

  begin(drain_anywhere());

  EXPECT_EQ(end(1min).value(), outcome::done);
  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");
}

TEST_F(drain_ecs_test, a_configured_cluster_that_is_not_found_is_an_outage) {
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    return call.body.find("\"prod\"") != std::string::npos ? std::optional(refused_by_ecs("ClusterNotFound"))
                                                           : std::nullopt;
  };

  begin();
  fleet.time.run_for(10min);

  EXPECT_FALSE(ended.has_value());
  ASSERT_FALSE(fleet.logged("outage").empty());
  const auto said = fleet.logged("outage").front();
  EXPECT_EQ(said.at("meaning").as_string(), "not_there") << "no permission would mend it";
  EXPECT_THAT(std::string(said.at("error").as_string()), testing::HasSubstr("cluster prod: "));
  EXPECT_THAT(std::string(said.at("advice").as_string()), testing::HasSubstr("correct the name"));
}

TEST_F(drain_ecs_test, a_registration_that_failed_and_has_no_tasks_is_none) {
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeContainerInstances") return std::nullopt;
    return aws::http_response{
        200,
        {},
        R"({"containerInstances":[{"containerInstanceArn":"arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/)"
        R"(0123456789abcdef0123456789abcdef","ec2InstanceId":"i-0123456789abcdef0","status":"REGISTRATION_FAILED",)"
        R"("agentConnected":false,"runningTasksCount":0,"pendingTasksCount":0}],"failures":[]})"};
  };

  EXPECT_EQ(fleet.time
                .wait_for(fleet.services.clusters.of("prod").look(
                    "arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/0123456789abcdef0123456789abcdef"))
                .value(),
            nullptr);
}

TEST_F(drain_ecs_test, auto_scaling_that_answers_late_does_not_delay_the_looks) {
  run_a_standalone_task();
  fleet.world.ecs().set_agent_connected(about->instance, false);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add({fault_kind::delay, "autoscaling", "DescribeAutoScalingInstances", 1.0, now, now + 1h, 8s});

  begin();
  fleet.time.run_for(40s);

  EXPECT_GE(fleet.wire.count("DescribeContainerInstances"), 38U) << "one a second";
  EXPECT_GE(fleet.wire.count("DescribeAutoScalingInstances"), 2U);
}

TEST_F(drain_ecs_test, auto_scaling_that_refuses_is_logged_and_asked_again_while_the_looks_go_on) {
  run_a_standalone_task();
  fleet.world.ecs().set_agent_connected(about->instance, false);
  fleet.deny("autoscaling", "DescribeAutoScalingInstances", 1h);

  begin();
  fleet.time.run_for(100s);

  EXPECT_GE(fleet.wire.count("DescribeContainerInstances"), 95U);
  EXPECT_EQ(fleet.logged("outage").size(), 4U) << "one each half minute";
  EXPECT_FALSE(ended.has_value());
}

TEST_F(drain_ecs_test, an_instance_that_auto_scaling_no_longer_knows_is_lost_with_its_tasks) {
  run_a_standalone_task();
  fleet.world.ecs().set_agent_connected(about->instance, false);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    return call.operation == "DescribeAutoScalingInstances" ? std::optional(unknown_to_autoscaling()) : std::nullopt;
  };

  EXPECT_EQ(run().value(), outcome::lost);

  ASSERT_EQ(fleet.logged("instance_lost").size(), 1U);
  EXPECT_EQ(fleet.logged("instance_lost").front().at("lifecycle_state").as_string(), "unknown");
  EXPECT_LE(took(), 1min);
}

// One whose host Auto Scaling takes for unhealthy, with a task on it.
struct unhealthy_drain_test : drain_ecs_test {
  unhealthy_drain_test() {
    run_a_standalone_task();
    fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
      return call.operation == "DescribeAutoScalingInstances" ? std::optional(unhealthy_by_autoscaling(about->instance))
                                                              : std::nullopt;
    };
  }
};

TEST_F(unhealthy_drain_test, is_lost_once_its_agent_has_been_away_for_five_minutes) {
  fleet.world.ecs().set_agent_connected(about->instance, false);

  EXPECT_EQ(run().value(), outcome::lost);

  EXPECT_GE(took(), 5min);
  EXPECT_LE(took(), 5min + 30s);
  EXPECT_EQ(fleet.logged("instance_lost").front().at("lifecycle_state").as_string(), "Terminating:Wait");
}

TEST_F(unhealthy_drain_test, is_not_lost_while_its_agent_comes_and_goes) {
  begin();
  for (int i = 0; i < 4; ++i) {
    fleet.world.ecs().set_agent_connected(about->instance, false);
    fleet.time.run_for(4min);
    fleet.world.ecs().set_agent_connected(about->instance, true);
    fleet.time.run_for(10s);
  }

  EXPECT_FALSE(ended.has_value());
}

TEST_F(unhealthy_drain_test, is_not_lost_with_its_agent_there_however_long_it_stands_still) {
  begin();
  fleet.time.run_for(20min);

  EXPECT_GE(fleet.wire.count("DescribeAutoScalingInstances"), 10U) << "asked, as it stands still";
  EXPECT_FALSE(ended.has_value());
}

TEST_F(unhealthy_drain_test, is_not_lost_while_one_of_its_registrations_has_an_agent) {
  begin();
  fleet.time.run_for(2min);
  fleet.world.ecs().set_agent_connected(about->instance, false);
  fleet.world.ecs().register_instance("prod", about->instance, 8);

  fleet.time.run_for(20min);

  EXPECT_FALSE(ended.has_value());
}

TEST_F(drain_ecs_test, an_instance_in_no_group_is_not_lost_though_auto_scaling_does_not_know_it) {
  run_a_standalone_task();
  about->group.clear();
  fleet.world.ecs().set_agent_connected(about->instance, false);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    return call.operation == "DescribeAutoScalingInstances"
               ? std::optional(shown_as("InService", "i-0000000000000dead"))
               : std::nullopt;
  };

  begin();
  fleet.time.run_for(20min);

  EXPECT_FALSE(ended.has_value());
}

TEST_F(drain_ecs_test, an_instance_is_not_deregistered_by_force_where_that_is_not_wanted) {
  auto plan = drain_step();
  plan.with.set("mode", std::string("deregister"));
  plan.with.set("force", false);

  EXPECT_EQ(run(std::move(plan)).value(), outcome::done);

  ASSERT_EQ(fleet.wire.count("DeregisterContainerInstance"), 1U);
  EXPECT_THAT(fleet.wire.of("DeregisterContainerInstance").front().body, testing::HasSubstr("\"force\":false"));
}

TEST_F(drain_ecs_test, a_standalone_task_that_goes_on_is_stopped_again) {
  run_a_standalone_task();
  auto plan = drain_step();
  plan.with.set("standalone_tasks", std::string("stop"));
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "StopTask" || fleet.wire.count(call.operation) > 1) return std::nullopt;
    return aws::http_response{200, {}, R"({"task":{}})"};
  };

  EXPECT_EQ(run(std::move(plan)).value(), outcome::done);

  EXPECT_EQ(fleet.wire.count("StopTask"), 2U);
  EXPECT_LE(took(), 90s);
}

TEST_F(drain_ecs_test, one_that_was_detached_before_its_drain_is_not_lost) {
  run_a_standalone_task();
  about->kind = event_kind::rebalance_recommendation;
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    return call.operation == "DescribeAutoScalingInstances" ? std::optional(unknown_to_autoscaling()) : std::nullopt;
  };

  begin();
  fleet.time.run_for(10min);

  EXPECT_FALSE(ended.has_value()) << "its task runs";
}

TEST_F(drain_ecs_test, an_instance_that_auto_scaling_does_not_know_for_a_moment_is_not_lost) {
  run_a_standalone_task();
  fleet.world.ecs().set_agent_connected(about->instance, false);
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    const bool first = call.operation == "DescribeAutoScalingInstances" && fleet.wire.count(call.operation) <= 1;
    return first ? std::optional(unknown_to_autoscaling()) : std::nullopt;
  };

  begin();
  fleet.time.run_for(4min);

  EXPECT_FALSE(ended.has_value());
  EXPECT_TRUE(fleet.logged("instance_lost").empty());
}

TEST_F(drain_ecs_test, a_drain_that_is_stuck_asks_for_its_instance_every_fifteen_seconds_at_most) {
  run_a_standalone_task();
  fleet.world.ecs().set_agent_connected(about->instance, false);

  begin();
  fleet.time.run_for(4min);

  EXPECT_GE(fleet.wire.count("DescribeAutoScalingInstances"), 8U);
  EXPECT_LE(fleet.wire.count("DescribeAutoScalingInstances"), 17U);
}

TEST_F(drain_ecs_test, many_that_are_stuck_ask_less_often_while_heartbeats_use_up_the_budget) {
  run_a_standalone_task();
  fleet.world.ecs().set_agent_connected(about->instance, false);
  std::vector<std::unique_ptr<ecs_cluster_view::drain_count>> others;
  for (int i = 0; i < 1000; ++i)
    others.push_back(std::make_unique<ecs_cluster_view::drain_count>(fleet.clusters.of("prod")));
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    return call.operation == "RecordLifecycleActionHeartbeat" ? std::optional(throttled_call()) : std::nullopt;
  };

  begin();
  for (int i = 0; i < 48; ++i) {
    for (int each = 0; each < 20; ++each)
      fleet.time.tasks.spawn(forget(fleet.autoscaling.usual.heartbeat({"web-fleet", "drain", "i-1", "token"})));
    fleet.time.run_for(5s);
  }

  EXPECT_GE(fleet.wire.count("DescribeAutoScalingInstances"), 2U);
  EXPECT_LE(fleet.wire.count("DescribeAutoScalingInstances"), 5U);
  EXPECT_FALSE(ended.has_value());
}

TEST_F(drain_ecs_test, a_drain_given_up_does_not_wait_for_the_question_it_asked) {
  run_a_standalone_task();
  fleet.world.ecs().set_agent_connected(about->instance, false);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add({fault_kind::delay, "autoscaling", "DescribeAutoScalingInstances", 1.0, now, now + 1h, 8s});
  begin();
  fleet.time.run_for(2s);

  keeps.end(give_up::stop);

  EXPECT_EQ(end(1s).error().code(), errc::cancelled);
  fleet.time.run_for(1min);
}

TEST_F(drain_ecs_test, a_drain_that_stands_still_again_after_progress_is_explained_again_a_minute_later) {
  const auto first = run_a_standalone_task();
  run_a_standalone_task();
  begin();
  fleet.time.run_for(90s);
  ASSERT_EQ(fleet.logged("drain_without_progress").size(), 1U);

  fleet.world.ecs().stop_task(first);
  fleet.time.run_for(50s);
  EXPECT_EQ(fleet.logged("drain_without_progress").size(), 1U);
  fleet.time.run_for(60s);

  const auto told = fleet.logged("drain_without_progress");
  ASSERT_EQ(told.size(), 2U) << "not first after five minutes";
  EXPECT_LE(told.back().at("for_seconds").to_number<double>(), 65) << "since that progress";
}

TEST_F(drain_ecs_test, what_ecs_does_not_confirm_is_not_taken_for_active_again) {
  set_draining_beforehand();
  int silent = 3;
  fleet.wire.instead = [&silent](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "UpdateContainerInstancesState" || silent == 0) return std::nullopt;
    --silent;
    return aws::http_response{200, {}, R"({"containerInstances":[],"failures":[]})"};
  };
  group of;
  of.name = "web";
  plan_runner back(of, handlers::plan{{{drain_step()}}}, fleet.services);

  EXPECT_EQ(fleet.time.wait_for(back.undo(about, keeps, fleet.log)), outcome::done);

  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "ACTIVE");
}

TEST_F(drain_ecs_test, an_interruption_goes_before_what_waits_for_the_budget) {
  const auto arn = container_instance();
  for (int i = 0; i < 300; ++i) fleet.time.tasks.spawn(list_tasks_of(fleet, arn));
  fleet.time.run_for(1s);
  about->kind = event_kind::spot_interruption;

  begin();
  fleet.time.run_for(1s);

  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 1U);
}

// Hundreds of drains of one group beside those of others.
struct many_drains_test : drain_ecs_test {
  void begin_many(int count) {
    fleet.wire.latency = 10s;
    of.name = "web";
    runner.emplace(of, handlers::plan{{{drain_step()}}}, fleet.services);
    for (int i = 0; i < count; ++i) {
      auto one = std::make_shared<event>(*about);
      one->instance = fmt::format("i-{:017x}", i + 1);
      auto& keeps = all.emplace_back(fleet.terms());
      fleet.time.tasks.spawn(forget_outcome(keeps.work().guard(runner->run(one, keeps, fleet.log))));
    }
    fleet.time.run_for(1s);
  }
  ~many_drains_test() override {
    for (auto& each : all) each.end(give_up::stop);
    fleet.time.run_for(1min);
  }
  static task<> forget_outcome(task<result<outcome>> running) { co_await std::move(running); }

  std::list<tenure> all;
  turnstile::common& looks = fleet.lines.looks;
};

TEST_F(many_drains_test, of_all_groups_eight_thousand_look_at_once) {
  looks.through = 7500;  // of others

  begin_many(600);

  EXPECT_EQ(looks.through, 8000U);
}

TEST_F(many_drains_test, of_each_group_four_hundred_look_at_once_however_many_others_do) {
  looks.through = 8000;

  begin_many(600);

  EXPECT_EQ(looks.through, 8400U);
}

TEST_F(drain_ecs_test, a_count_that_takes_longer_than_a_look_is_used_by_a_later_look) {
  fleet.wire.latency = 3s;

  EXPECT_EQ(run(empty_for(1s)).value(), outcome::done);

  EXPECT_LT(took(), 1min);
  EXPECT_THAT(fleet.outcomes_of("step_ended"), testing::Not(testing::Contains("timeout")));
}

TEST_F(drain_ecs_test, while_stopping_tasks_are_counted_a_drain_is_not_done) {
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "ListTasks") fleet.wire.latency = 20s;
    return std::nullopt;
  };

  begin();
  fleet.time.run_for(18s);

  EXPECT_FALSE(ended.has_value());
  EXPECT_EQ(fleet.wire.count("ListTasks"), 1U);
  EXPECT_LE(fleet.wire.count("DescribeContainerInstances"), 2U) << "it is not looked at meanwhile";
  fleet.wire.instead = nullptr;
  fleet.wire.latency = 0s;
  EXPECT_EQ(end().value(), outcome::done);
}

TEST_F(drain_ecs_test, while_ecs_refuses_to_tell_of_stopping_tasks_after_a_while_the_steps_time_stands) {
  fleet.wire.slow = [](const seen_call& call) { return call.operation == "ListTasks" ? 3s : 0s; };
  fleet.deny("ecs", "ListTasks", 40min);
  auto plan = drain_step();
  plan.timeout = 10min;

  begin(std::move(plan));
  fleet.time.run_for(35min);

  EXPECT_FALSE(ended.has_value()) << "an outage does not count";
  EXPECT_FALSE(fleet.logged("outage").empty());
  EXPECT_TRUE(fleet.logged("outage_over").empty());
  EXPECT_EQ(end(15min).value(), outcome::done);
  EXPECT_EQ(fleet.logged("outage_over").size(), 1U);
}

TEST_F(drain_ecs_test, a_count_of_before_it_was_set_draining_again_does_not_tell_that_it_is_empty) {
  fleet.wire.slow = [](const seen_call& call) { return call.operation == "ListTasks" ? 5s : 0s; };
  auto plan = empty_for(0s);
  plan.with.set("look_interval", duration(30s));
  begin(std::move(plan));
  fleet.time.run_for(10s);
  ASSERT_FALSE(ended.has_value()) << "it is being counted";

  fleet.time.wait_for(fleet.ecs.usual.set_state("prod", {container_instance()}, "ACTIVE"));
  const auto arn = run_a_standalone_task();
  fleet.time.run_for(8s);
  fleet.world.ecs().stop_task(arn);  // which takes five seconds, and the next look is sooner

  EXPECT_EQ(end().value(), outcome::done);
  EXPECT_EQ(fleet.world.ecs().tasks("prod").front().last_status, "STOPPED");
}

}  // namespace
}  // namespace lifehook::handlers
