#include "handlers/deregister_targets.h"

#include "tests/handlers/step_stage.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

std::string health_of(std::string_view instance, std::string_view state, std::string_view reason) {
  return fmt::format(
      "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member>"
      "<Target><Id>{}</Id><Port>80</Port></Target><TargetHealth><State>{}</State><Reason>{}</Reason></TargetHealth>"
      "</member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>",
      instance, state, reason);
}

bool is_deregistration(const seen_call& of) { return of.operation == "DeregisterTargets"; }

struct deregister_targets_test : testing::Test {
  deregister_targets_test() {
    first = fleet.world.elbv2().create_target_group({.name = "first"});
    second = fleet.world.elbv2().create_target_group({.name = "second"});
    fleet.world.autoscaling().create_group({.name = "web-balanced", .desired = 2, .target_groups = {first, second}});
    fleet.time.run_for(1min);
    about = fleet.spot(fleet.world.autoscaling().instances("web-balanced").front());
    about.group = "web-balanced";
  }
  std::vector<std::string> states_in(const std::string& group, const std::string& id) {
    std::vector<std::string> of_each_port;
    for (const auto& each : fleet.world.elbv2().targets(group))
      if (each.id == id) of_each_port.push_back(each.state);
    return of_each_port;
  }
  std::string state_in(const std::string& group, const std::string& id) {
    const auto states = states_in(group, id);
    return states.empty() ? "gone" : states.front();
  }

  step_stage fleet;
  std::string first, second;
  event about;
  step_plan leave = plan_of("deregister_targets");
};

TEST_F(deregister_targets_test, takes_the_instance_out_of_all_target_groups_of_its_group) {
  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);

  EXPECT_EQ(state_in(first, about.instance), "draining");
  EXPECT_EQ(state_in(second, about.instance), "draining");
  EXPECT_THAT(fleet.world.elbv2().deregistrations(), SizeIs(2));
}

TEST_F(deregister_targets_test, takes_every_port_it_is_registered_with) {
  fleet.world.elbv2().register_target(first, about.instance, 8080);

  fleet.run(leave, about);

  EXPECT_THAT(states_in(first, about.instance), ElementsAre("draining", "draining"));
}

task<> run_alone(plan_runner& runner, tenure& keeps, event about, logger log) {
  co_await keeps.work().guard(runner.run(std::make_shared<event>(std::move(about)), keeps, std::move(log)));
}

TEST_F(deregister_targets_test, the_calls_of_many_instances_at_once_are_shared) {
  fleet.world.autoscaling().create_group({.name = "web-large", .desired = 20, .target_groups = {first, second}});
  fleet.time.run_for(1min);
  fleet.wire.latency = 20ms;
  plan_runner runner(fleet.service, {{{leave}}}, fleet.services);
  std::vector<std::unique_ptr<tenure>> kept;
  for (const auto& instance : fleet.world.autoscaling().instances("web-large")) {
    auto one = about;
    one.group = "web-large";
    one.instance = instance;
    kept.push_back(std::make_unique<tenure>(fleet.terms()));
    fleet.time.tasks.spawn(run_alone(runner, *kept.back(), one, fleet.log));
  }
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.time.tasks.running() == 0; }));

  EXPECT_LE(fleet.wire.count("DeregisterTargets"), 8U) << "of forty, had each asked alone";
  EXPECT_LE(fleet.wire.count("DescribeTargetHealth"), 8U);
  EXPECT_LE(fleet.wire.count("DescribeAutoScalingGroups"), 2U);
  for (const auto& instance : fleet.world.autoscaling().instances("web-large"))
    EXPECT_EQ(state_in(second, instance), "draining") << instance;
}

// As AWS may, or does not: a list of several is refused for one of them, and that one alone, too.
std::function<std::optional<aws::http_response>(const seen_call&)> refusing(std::string instance) {
  return [instance = std::move(instance)](const seen_call& call) -> std::optional<aws::http_response> {
    if (!is_deregistration(call)) return std::nullopt;
    if (call.body.find("Targets.member.2.") != std::string::npos)
      return aws::http_response{400, {}, "<ErrorResponse><Error><Code>InvalidTarget</Code></Error></ErrorResponse>"};
    if (call.body.find(instance) != std::string::npos) return rejected_call();
    return std::nullopt;
  };
}

TEST_F(deregister_targets_test, one_that_is_refused_fails_none_of_those_whose_call_it_shared) {
  fleet.world.autoscaling().create_group({.name = "web-large", .desired = 9, .target_groups = {first}});
  fleet.time.run_for(1min);
  const auto ids = fleet.world.autoscaling().instances("web-large");
  fleet.wire.latency = 20ms;
  fleet.wire.instead = refusing(ids[4]);
  plan_runner runner(fleet.service, {{{leave}}}, fleet.services);
  std::vector<std::unique_ptr<tenure>> kept;
  for (const auto& instance : ids) {
    auto one = about;
    one.group = "web-large";
    one.instance = instance;
    kept.push_back(std::make_unique<tenure>(fleet.terms()));
    fleet.time.tasks.spawn(run_alone(runner, *kept.back(), one, fleet.log));
  }

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.time.tasks.running() == 0; }));

  EXPECT_THAT(fleet.logged("deregistering_failed"), SizeIs(1));
  for (const auto& id : ids) EXPECT_EQ(state_in(first, id) == "draining", id != ids[4]) << id;
}

constexpr std::string_view lost =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/lost/0123456789abcdef";

TEST_F(deregister_targets_test, a_listed_target_group_that_does_not_exist_leaves_the_others_and_is_a_failure) {
  const auto listed = plan_of("deregister_targets", {{"target_groups", std::vector<std::string>{std::string(lost)}}});

  EXPECT_EQ(fleet.run(listed, about).value(), outcome::failed);

  EXPECT_EQ(state_in(first, about.instance), "draining");
  EXPECT_EQ(state_in(second, about.instance), "draining");
  EXPECT_THAT(fleet.logged("deregistering_failed"), SizeIs(1));
}

TEST_F(deregister_targets_test, one_of_its_group_that_was_deleted_has_nothing_to_leave) {
  fleet.delete_target_group(second);

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);
  EXPECT_EQ(state_in(first, about.instance), "draining");

  fleet.delete_target_group(first);

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::gone);
  EXPECT_THAT(fleet.logged("deregistering_failed"), SizeIs(3)) << "each is told";
}

// Refuses what would leave the second target group.
void refuse_the_second(tapped_wire& on) {
  on.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DeregisterTargets" || call.body.find("second") == std::string::npos) return std::nullopt;
    return rejected_call();
  };
}

TEST_F(deregister_targets_test, one_that_refuses_leaves_the_other_and_is_a_failure) {
  refuse_the_second(fleet.wire);

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::failed);

  EXPECT_EQ(state_in(first, about.instance), "draining");
  EXPECT_THAT(fleet.logged("deregistered"), SizeIs(1));
  ASSERT_THAT(fleet.logged("deregistering_failed"), SizeIs(1));
  EXPECT_THAT(std::string(fleet.logged("deregistering_failed").front().at("target_group").as_string()),
              testing::HasSubstr("second"));
}

TEST_F(deregister_targets_test, a_definite_refusal_is_not_tried_again_and_stops_no_sibling) {
  refuse_the_second(fleet.wire);
  const auto began = fleet.time.clock.now();

  const auto ended = fleet.attend({{{leave, wait_step(5s)}}}, about);

  EXPECT_EQ(ended.how, outcome::failed);
  EXPECT_THAT(fleet.outcomes_of("step_ended"), testing::UnorderedElementsAre("failed", "done"));
  EXPECT_LE(fleet.time.clock.now() - began, 6s);
}

TEST_F(deregister_targets_test, a_throttled_call_is_made_until_it_is_answered) {
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add(
      {simulator::fault_kind::throttle, "elasticloadbalancing", "DeregisterTargets", 1.0, now, now + 40s, {}});

  EXPECT_EQ(fleet.attend({{{leave}}}, about).how, outcome::done);

  EXPECT_EQ(state_in(second, about.instance), "draining");
}

TEST_F(deregister_targets_test, targets_that_are_out_of_use_leave_too) {
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeTargetHealth") return std::nullopt;
    return aws::http_response{200, {}, health_of(about.instance, "unused", "Target.NotInUse")};
  };

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);

  EXPECT_EQ(state_in(first, about.instance), "draining");
}

TEST_F(deregister_targets_test, a_target_group_that_was_attached_since_it_was_looked_up_is_left_too) {
  const auto third = fleet.world.elbv2().create_target_group({.name = "third"});
  fleet.time.wait_for(fleet.instances.profile("web-balanced")).value();
  fleet.change(aws::services::autoscaling, "AttachLoadBalancerTargetGroups",
               {{"AutoScalingGroupName", "web-balanced"}, {"TargetGroupARNs.member.1", third}});
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);

  EXPECT_EQ(state_in(first, about.instance), "draining");
  EXPECT_EQ(state_in(third, about.instance), "draining");
}

TEST_F(deregister_targets_test, with_a_warm_cache_it_leaves_before_it_asks_for_newer_target_groups) {
  fleet.time.wait_for(fleet.instances.profile("web-balanced")).value();
  fleet.time.run_for(2min);
  fleet.wire.latency = 20ms;
  const auto began = fleet.time.clock.now();

  fleet.run(leave, about);

  EXPECT_EQ(fleet.wire.of("DeregisterTargets").front().at - began, 20ms) << "one call before it: the target's ports";
}

struct after_a_sibling : deregister_targets_test {
  after_a_sibling() {
    auto sibling = about;
    sibling.instance = fleet.world.autoscaling().instances("web-balanced").back();
    EXPECT_EQ(fleet.run(leave, sibling).value(), outcome::done);
    fleet.wire.latency = 20ms;
    seen = fleet.wire.calls.size();
  }
  std::vector<seen_call> calls_since() const {
    return {fleet.wire.calls.begin() + static_cast<std::ptrdiff_t>(seen), fleet.wire.calls.end()};
  }
  std::size_t seen = 0;
};

TEST_F(after_a_sibling, it_leaves_at_once_with_the_ports_that_were_listed_then_and_looks_afterwards) {
  const auto began = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);

  ASSERT_THAT(calls_since(), SizeIs(4));
  for (const auto i : {0U, 1U}) {
    EXPECT_EQ(calls_since()[i].operation, "DeregisterTargets");
    EXPECT_EQ(calls_since()[i].at, began);
    EXPECT_EQ(calls_since()[i + 2].operation, "DescribeTargetHealth");
  }
  EXPECT_EQ(state_in(first, about.instance), "draining");
  EXPECT_EQ(state_in(second, about.instance), "draining");
}

TEST_F(after_a_sibling, a_port_registered_since_is_left_too) {
  fleet.world.elbv2().register_target(first, about.instance, 8080);

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);

  EXPECT_THAT(states_in(first, about.instance), ElementsAre("draining", "draining"));
}

TEST_F(after_a_sibling, a_listing_that_lags_behind_does_not_make_it_leave_twice) {
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeTargetHealth") return std::nullopt;
    return aws::http_response{200, {}, health_of(about.instance, "healthy", {})};
  };

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);

  const auto calls = calls_since();
  EXPECT_EQ(std::count_if(calls.begin(), calls.end(), is_deregistration), 2) << "one from each";
}

TEST_F(after_a_sibling, what_was_listed_a_minute_ago_is_not_believed) {
  fleet.time.run_for(61s);
  seen = fleet.wire.calls.size();

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);

  EXPECT_EQ(calls_since().front().operation, "DescribeTargetHealth");
}

TEST_F(after_a_sibling, a_dry_run_still_changes_nothing) {
  auto only_said = leave;
  only_said.dry_run = true;

  EXPECT_EQ(fleet.run(only_said, about).value(), outcome::done);

  EXPECT_EQ(state_in(first, about.instance), "healthy");
  EXPECT_EQ(state_in(second, about.instance), "healthy");
}

TEST_F(after_a_sibling, a_target_group_deleted_since_has_nothing_to_leave_and_stops_no_other) {
  fleet.change(aws::services::autoscaling, "DetachLoadBalancerTargetGroups",
               {{"AutoScalingGroupName", "web-balanced"}, {"TargetGroupARNs.member.1", first}});
  fleet.delete_target_group(first);

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);

  EXPECT_EQ(state_in(second, about.instance), "draining");
}

TEST_F(deregister_targets_test, waits_for_the_draining_when_asked) {
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(plan_of("deregister_targets", {{"wait_drained", true}}), about).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 5min) << "the deregistration delay";
  EXPECT_EQ(state_in(first, about.instance), "gone");
}

TEST_F(deregister_targets_test, is_not_drained_where_elb_still_lists_it_as_if_it_had_not_left) {
  const auto before = fleet.time.clock.now();
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    const auto left = fleet.wire.of("DeregisterTargets");
    const bool is_late = !left.empty() && call.at < left.front().at + 3s;
    if (!is_late || call.operation != "DescribeTargetHealth") return std::nullopt;
    return aws::http_response{200,
                              {},
                              "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>"
                              "<member><Target><Id>" +
                                  about.instance +
                                  "</Id><Port>80</Port></Target><TargetHealth><State>healthy</State></TargetHealth>"
                                  "</member></TargetHealthDescriptions></DescribeTargetHealthResult>"
                                  "</DescribeTargetHealthResponse>"};
  };

  EXPECT_EQ(fleet.run(plan_of("deregister_targets", {{"wait_drained", true}}), about).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 5min) << "the deregistration delay";
}

TEST_F(deregister_targets_test, told_twice_is_done_once) {
  fleet.run(leave, about);
  const auto calls = fleet.wire.count("DeregisterTargets");

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);
  EXPECT_EQ(fleet.wire.count("DeregisterTargets"), calls);
}

TEST_F(deregister_targets_test, a_group_without_load_balancers_has_nothing_to_leave) {
  fleet.furnish();
  fleet.time.run_for(10s);

  EXPECT_EQ(fleet.run(leave, fleet.spot(fleet.an_instance())).value(), outcome::skipped);
}

TEST_F(deregister_targets_test, a_task_leaves_with_its_address_the_target_groups_of_its_service) {
  fleet.world.ecs().create_cluster("edge");
  const auto pool = fleet.world.elbv2().create_target_group({.name = "pool", .target_type = "ip"});
  simulator::service_settings web;
  web.cluster = "edge";
  web.name = "web";
  web.launch_type = "FARGATE";
  web.capacity_provider = "FARGATE_SPOT";
  web.load_balancers = {{pool, "app", 80}};
  fleet.world.ecs().create_service(web);
  fleet.time.run_for(30s);
  const auto task = fleet.world.ecs().tasks("edge").front();
  const auto whole = fleet.time.wait_for(fleet.runner.usual.describe("edge", task.arn)).value();
  fleet.world.elbv2().register_target(pool, whole->private_address);
  event told;
  told.kind = event_kind::task_interruption;
  told.time = fleet.time.clock.now();
  told.cluster_arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/edge";
  told.task_arn = task.arn;
  told.task_group = "service:web";

  EXPECT_EQ(fleet.run(leave, told).value(), outcome::done);
  EXPECT_EQ(state_in(pool, whole->private_address), "draining");
}

task<> look_at(fleet_stage& fleet, std::string target_group) {
  co_await fleet.elbv2.usual.targets(std::move(target_group));
}

TEST_F(deregister_targets_test, an_interruption_goes_before_the_look_ups_that_wait_for_the_budget) {
  for (int i = 0; i < 200; ++i) fleet.time.tasks.spawn(look_at(fleet, first));
  fleet.time.run_for(1s);

  EXPECT_EQ(fleet.run(leave, about).value(), outcome::done);

  EXPECT_LT(fleet.wire.count("DescribeTargetHealth"), 100U) << "ten a second";
}

}  // namespace
}  // namespace lifehook::handlers
