#include "handlers/wait_until_ready.h"

#include "handlers/lifecycle_action.h"
#include "tests/handlers/step_stage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct wait_until_ready_test : testing::Test {
  wait_until_ready_test() {
    fleet.furnish();
    fleet.time.run_for(10s);
    about.kind = event_kind::launching;
    about.time = fleet.time.clock.now();
    about.group = "web-fleet";
    about.instance = "i-0000000000000abcd";
  }
  step_plan gate(settings_list with, duration timeout = 5min) {
    auto plan = plan_of("wait_until_ready", with);
    plan.timeout = timeout;
    return plan;
  }
  void later(duration wait, std::function<void()> call) { soon.set(wait, std::move(call)); }

  step_stage fleet;
  alarm soon{fleet.time.clock};
  event about;
};

TEST_F(wait_until_ready_test, holds_until_the_agent_has_registered) {
  const auto before = fleet.time.clock.now();
  later(1min, [&] { fleet.world.ecs().register_instance("prod", about.instance); });

  EXPECT_EQ(fleet.run(gate({{"ecs_cluster", "prod"}}), about).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 1min);
  EXPECT_LE(fleet.time.clock.now() - before, 1min + 5s);
}

TEST_F(wait_until_ready_test, holds_until_the_agent_is_connected) {
  fleet.world.ecs().register_instance("prod", about.instance);
  fleet.world.ecs().set_agent_connected(about.instance, false);
  const auto before = fleet.time.clock.now();
  later(30s, [&] { fleet.world.ecs().set_agent_connected(about.instance, true); });

  EXPECT_EQ(fleet.run(gate({{"ecs_cluster", "prod"}}), about).value(), outcome::done);
  EXPECT_GE(fleet.time.clock.now() - before, 30s);
}

std::string registration(std::string_view id, std::string_view instance, std::string_view status, bool connected) {
  return fmt::format(R"({{"containerInstanceArn":"arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/{}",)"
                     R"("ec2InstanceId":"{}","status":"{}","agentConnected":{},)"
                     R"("runningTasksCount":0,"pendingTasksCount":0}})",
                     id, instance, status, connected);
}

// What ECS answers about an instance whose agent has lost its state and registered again.
std::optional<aws::http_response> registered_again(const seen_call& call, std::string_view instance,
                                                   std::string_view status) {
  if (call.operation == "ListContainerInstances")
    return aws::http_response{
        200,
        {},
        R"({"containerInstanceArns":["arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/0a",)"
        R"("arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/0b"]})"};
  if (call.operation != "DescribeContainerInstances") return std::nullopt;
  return aws::http_response{
      200,
      {},
      fmt::format(R"({{"containerInstances":[{},{}],"failures":[]}})", registration("0a", instance, "ACTIVE", false),
                  registration("0b", instance, status, true))};
}

TEST_F(wait_until_ready_test, a_registration_that_its_agent_has_lost_holds_no_launch) {
  fleet.wire.instead = [this](const seen_call& call) { return registered_again(call, about.instance, "ACTIVE"); };

  EXPECT_EQ(fleet.run(gate({{"ecs_cluster", "prod"}}), about).value(), outcome::done);

  EXPECT_TRUE(fleet.logged("not_ready").empty());
}

TEST_F(wait_until_ready_test, no_two_registrations_together_make_it_ready) {
  fleet.wire.instead = [this](const seen_call& call) { return registered_again(call, about.instance, "DRAINING"); };

  EXPECT_EQ(fleet.run(gate({{"ecs_cluster", "prod"}}), about).value(), outcome::timeout);

  EXPECT_EQ(fleet.logged("not_ready").front().at("why").as_string(), "its container instance is DRAINING")
      << "of the one that has an agent";
}

TEST_F(wait_until_ready_test, one_that_never_becomes_ready_fails_with_its_reason) {
  EXPECT_EQ(fleet.run(gate({{"ecs_cluster", "prod"}}), about).value(), outcome::timeout);

  const auto ended = fleet.logged("step_ended");
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_THAT(std::string(ended.front().at("error").as_string()), HasSubstr("no ECS agent has registered it"));
}

TEST_F(wait_until_ready_test, an_unknown_cluster_is_an_outage_not_an_answer) {
  auto plan = gate({{"ecs_cluster", "prdo"}}, 10s);
  tenure keeps(fleet.terms());
  plan_runner runner(fleet.service, {{{plan}}}, fleet.services);
  bool ended = false;
  fleet.time.tasks.spawn([](plan_runner& r, tenure& t, event e, logger log, bool& done) -> task<> {
    co_await t.work().guard(r.run(std::make_shared<event>(std::move(e)), t, std::move(log)));
    done = true;
  }(runner, keeps, about, fleet.log, ended));

  fleet.time.run_for(5min);

  EXPECT_FALSE(ended);
  keeps.end(give_up::stop);
  EXPECT_TRUE(fleet.time.run_until([&] { return ended; }, 1min));
}

TEST_F(wait_until_ready_test, listed_target_groups_must_have_it_healthy) {
  const auto pool = fleet.world.elbv2().create_target_group({.name = "pool", .health_time = 40s});
  const auto before = fleet.time.clock.now();
  later(20s, [&] { fleet.world.elbv2().register_target(pool, about.instance); });

  EXPECT_EQ(fleet.run(gate({{"target_groups", std::vector<std::string>{pool}}}), about).value(), outcome::done);
  EXPECT_GE(fleet.time.clock.now() - before, 1min);
}

TEST_F(wait_until_ready_test, its_groups_target_groups_do_not_hold_a_launch_that_is_not_registered_yet) {
  const auto pool = fleet.world.elbv2().create_target_group({.name = "pool"});
  fleet.world.autoscaling().create_group({.name = "web-balanced", .desired = 1, .target_groups = {pool}});
  fleet.time.run_for(30s);
  about.group = "web-balanced";

  EXPECT_EQ(fleet.run(gate({{"target_groups", std::vector<std::string>{"true"}}}), about).value(), outcome::done)
      << "Auto Scaling registers it after the hook";
}

constexpr std::string_view lost =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/lost/0123456789abcdef";

TEST_F(wait_until_ready_test, a_target_group_of_its_group_that_was_deleted_is_left_out_and_said_once) {
  const auto pool = fleet.world.elbv2().create_target_group({.name = "pool", .health_time = 40s});
  const auto old = fleet.world.elbv2().create_target_group({.name = "old"});
  fleet.world.autoscaling().create_group({.name = "web-balanced", .desired = 1, .target_groups = {old, pool}});
  fleet.delete_target_group(old);
  fleet.world.elbv2().register_target(pool, about.instance);
  about.group = "web-balanced";
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(gate({{"target_groups", std::vector<std::string>{"true"}}}), about).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 35s) << "the other is still waited for";
  ASSERT_EQ(fleet.logged("target_group_gone").size(), 1U);
  EXPECT_EQ(fleet.logged("target_group_gone").front().at("level").as_string(), "warn");
}

TEST_F(wait_until_ready_test, a_listed_target_group_that_does_not_exist_holds_the_launch_until_the_timeout) {
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(gate({{"target_groups", std::vector<std::string>{std::string(lost)}}}), about).value(),
            outcome::timeout);

  EXPECT_GE(fleet.time.clock.now() - before, 5min);
  EXPECT_THAT(std::string(fleet.logged("not_ready").front().at("why").as_string()), HasSubstr("lost/0123456789abcdef"));
  EXPECT_THAT(std::string(fleet.logged("step_ended").front().at("error").as_string()), HasSubstr("does not exist"));
}

TEST_F(wait_until_ready_test, a_dry_run_says_how_long_it_would_wait_and_what_then) {
  auto dry = gate({{"ecs_cluster", "prod"}}, 10min);
  dry.dry_run = true;

  EXPECT_EQ(fleet.run(dry, about).value(), outcome::skipped);

  ASSERT_EQ(fleet.logged("would_wait").size(), 1U);
  EXPECT_EQ(fleet.logged("would_wait").front().at("up_to").as_string(), "10m");
  EXPECT_EQ(fleet.logged("would_wait").front().at("then").as_string(), "abandon");
}

TEST_F(wait_until_ready_test, a_dry_run_does_not_promise_what_depends_on_its_wait) {
  fleet.services.dry_run = true;
  plan_runner steps(fleet.service, {{{gate({{"ecs_cluster", "prod"}})}}, {{wait_step(1s)}}}, fleet.services);
  tenure keeps(fleet.terms());
  lifecycle_action action(fleet.services, fleet.service, steps, nullptr, std::make_shared<event>(about), keeps,
                          fleet.log);

  EXPECT_EQ(fleet.time.wait_for(action.attend())->what, verdict::kind::leave);

  ASSERT_EQ(fleet.logged("dry_run").size(), 1U);
  EXPECT_EQ(fleet.logged("dry_run").front().at("would").as_string(), "wait, then continue or abandon");
  EXPECT_EQ(fleet.logged("would_wait").size(), 2U) << "the steps after it are told too";
}

TEST_F(wait_until_ready_test, a_dry_run_of_what_continues_either_way_says_so_once) {
  fleet.services.dry_run = true;
  fleet.service.on_launch_failure = failure_policy::proceed;
  plan_runner steps(fleet.service, {{{gate({{"ecs_cluster", "prod"}})}}}, fleet.services);
  tenure keeps(fleet.terms());
  lifecycle_action action(fleet.services, fleet.service, steps, nullptr, std::make_shared<event>(about), keeps,
                          fleet.log);

  fleet.time.wait_for(action.attend());

  ASSERT_EQ(fleet.logged("dry_run").size(), 1U);
  EXPECT_EQ(fleet.logged("dry_run").front().at("would").as_string(), "wait, then continue");
}

}  // namespace
}  // namespace lifehook::handlers
