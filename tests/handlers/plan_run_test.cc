#include "handlers/plan_run.h"

#include "handlers/plan_runner.h"
#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

#include <optional>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

// A drain that cannot finish, and what comes behind it.
struct plan_run_test : testing::Test {
  plan_run_test() {
    fleet.furnish(2, 3600s);
    about = fleet.begin_termination();
    task = fleet.world.ecs().run_task("prod", "report", about->instance);
    fleet.time.run_for(10s);
    of.name = "web";
  }

  plan_run& begin(const plan& list) {
    runner.emplace(of, list, fleet.services);
    on.emplace(occasion{fleet.services, of, about, keeps, fleet.log});
    run = runner->begin(*on);
    return *run;
  }
  // Until it has nothing to do: nullopt when it rests.
  std::optional<outcome> go_on() { return fleet.time.wait_for(keeps.work().guard(run->go_on())).value(); }
  void rest_out() { fleet.time.run_for(run->rests_for()); }

  fleet_stage fleet;
  std::shared_ptr<event> about;
  std::string task;
  tenure keeps{fleet.terms()};
  group of;
  std::optional<plan_runner> runner;
  std::optional<occasion> on;
  std::unique_ptr<plan_run> run;
};

TEST_F(plan_run_test, rests_between_two_looks_and_keeps_no_task) {
  begin({{{drain_step()}}});

  EXPECT_FALSE(go_on().has_value());

  EXPECT_GT(run->rests_for(), 0s);
  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 1U);
  const auto looks = fleet.wire.count("DescribeContainerInstances");
  fleet.time.run_for(1h);
  EXPECT_EQ(fleet.wire.count("DescribeContainerInstances"), looks) << "nobody goes on with it";
}

TEST_F(plan_run_test, is_gone_on_with_where_it_stood) {
  begin({{{drain_step()}}, {{wait_step(1s)}}});
  EXPECT_FALSE(go_on().has_value());
  rest_out();
  EXPECT_FALSE(go_on().has_value());
  EXPECT_EQ(fleet.wire.count("ListContainerInstances"), 1U) << "found once";
  fleet.world.ecs().stop_task(task);
  fleet.time.run_for(5min);

  for (int looks = 0; looks < 3 && fleet.outcomes_of("step_ended").empty(); ++looks) {
    if (go_on()) break;
    rest_out();
  }

  EXPECT_EQ(fleet.outcomes_of("step_ended"), (std::vector<std::string>{"done", "done"}));
}

TEST_F(plan_run_test, that_is_given_up_while_it_rests_says_so_once) {
  begin({{{drain_step()}}});
  EXPECT_FALSE(go_on().has_value());
  keeps.end(give_up::deadline);

  run.reset();

  EXPECT_EQ(fleet.outcomes_of("step_ended").size(), 1U);
}

TEST_F(plan_run_test, that_is_requeued_while_it_rests_has_not_ended) {
  begin({{{drain_step()}}});
  EXPECT_FALSE(go_on().has_value());
  keeps.end(give_up::stop);

  run.reset();

  EXPECT_TRUE(fleet.outcomes_of("step_ended").empty());
}

TEST_F(plan_run_test, what_it_rests_counts_against_the_steps_timeout) {
  auto limited = drain_step();
  limited.timeout = 10min;
  begin({{{limited}}});
  const auto began = fleet.time.clock.now();

  std::optional<outcome> ended;
  while (!ended && fleet.time.clock.now() - began < 1h) {
    ended = go_on();
    if (!ended) rest_out();
  }

  ASSERT_TRUE(ended.has_value());
  EXPECT_TRUE(is_failure(*ended));
  EXPECT_EQ(fleet.time.clock.now() - began, 10min);
}

TEST_F(plan_run_test, a_clock_that_is_set_takes_nothing_from_a_steps_timeout) {
  for (const auto& set : {20min, -20min}) {
    auto limited = drain_step();
    limited.timeout = 10min;
    begin({{{limited}}});
    const auto began = fleet.time.clock.uptime();
    EXPECT_FALSE(go_on().has_value());
    rest_out();
    fleet.time.clock.set(fleet.time.clock.now() + set);

    std::optional<outcome> ended;
    while (!ended && fleet.time.clock.uptime() - began < 1h) {
      ended = go_on();
      if (!ended) rest_out();
    }

    EXPECT_TRUE(ended && is_failure(*ended));
    EXPECT_EQ(fleet.time.clock.uptime() - began, 10min);
  }
}

// A step that keeps its message for longer than the worker should gives it back at its next rest.
TEST_F(plan_run_test, a_rest_gives_the_message_back_where_it_was_held_long_enough) {
  auto terms = fleet.terms();
  terms.hold_until = fleet.time.clock.now();
  tenure held(terms);
  runner.emplace(of, plan{{{drain_step()}}}, fleet.services);
  const occasion here{fleet.services, of, about, held, fleet.log};
  const auto resting = runner->begin(here);

  fleet.time.wait_for(held.work().guard(resting->go_on()));

  EXPECT_EQ(held.why(), give_up::hold);
}

}  // namespace
}  // namespace lifehook::handlers
