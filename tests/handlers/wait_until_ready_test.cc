#include "handlers/wait_until_ready.h"

#include "tests/handlers/step_stage.h"

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
    auto running = t.work().guard(r.run(std::make_shared<event>(std::move(e)), t, std::move(log)));
    co_await std::move(running);
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

}  // namespace
}  // namespace lifehook::handlers
