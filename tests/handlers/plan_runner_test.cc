#include "handlers/plan_runner.h"

#include "base/metrics.h"
#include "tests/handlers/fleet_stage.h"
#include "tests/handlers/step_stage.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

struct plan_runner_test : testing::Test {
  plan_runner_test() {
    fleet.furnish(2, 3600s);
    about = fleet.begin_termination();
    began = fleet.time.clock.now();
  }

  result<outcome> run(const plan& steps) {
    group of;
    of.name = "web";
    plan_runner runner(of, steps, fleet.services);
    return fleet.time.wait_for(keeps.work().guard(runner.run(about, keeps, fleet.log)));
  }
  // The same, with the work given up meanwhile.
  result<outcome> run_until(duration after, give_up why, const plan& steps) {
    alarm ending(fleet.time.clock);
    ending.set(after, [this, why] { keeps.end(why); });
    return run(steps);
  }
  // Makes the drain one that cannot finish.
  void run_a_standalone_task() {
    fleet.world.ecs().run_task("prod", "report", about->instance);
    fleet.time.run_for(10s);
    began = fleet.time.clock.now();
    about->time = began;
  }
  duration elapsed() const { return fleet.time.clock.now() - began; }
  std::vector<std::string> ends() const { return fleet.outcomes_of("step_ended"); }
  // When the container instance was set DRAINING, since the beginning.
  std::vector<duration> drains() const {
    std::vector<duration> at;
    for (const auto& each : fleet.wire.of("UpdateContainerInstancesState")) at.push_back(each.at - began);
    return at;
  }

  fleet_stage fleet;
  std::shared_ptr<event> about;
  tenure keeps{fleet.terms()};
  time_point began;
};

step_plan going_on(step_plan plan) {
  plan.failure = on_error::next;
  return plan;
}

step_plan dry(step_plan plan) {
  plan.dry_run = true;
  return plan;
}

TEST_F(plan_runner_test, an_empty_list_is_done) {
  EXPECT_EQ(run({}).value(), outcome::done);
  EXPECT_EQ(elapsed(), 0s);
}

TEST_F(plan_runner_test, a_list_is_skipped_only_where_none_of_its_steps_had_anything_to_do) {
  const stage nothing{{plan_of("deregister_targets")}}, something{{wait_step(1s)}};

  EXPECT_EQ(run({nothing}).value(), outcome::skipped);
  EXPECT_EQ(run({nothing, nothing}).value(), outcome::skipped);
  EXPECT_EQ(run({nothing, something}).value(), outcome::done);
  EXPECT_EQ(run({something, nothing}).value(), outcome::done);
}

TEST_F(plan_runner_test, steps_run_in_order) {
  EXPECT_EQ(run({{{wait_step(1min)}}, {{drain_step()}}}).value(), outcome::done);

  EXPECT_EQ(drains(), std::vector<duration>{1min});
  EXPECT_EQ(ends(), (std::vector<std::string>{"done", "done"}));
}

TEST_F(plan_runner_test, a_failed_step_ends_the_list) {
  EXPECT_EQ(run({{{wait_step(1h, 10s)}}, {{drain_step()}}}).value(), outcome::timeout);

  EXPECT_TRUE(drains().empty());
  EXPECT_EQ(ends(), std::vector<std::string>{"timeout"});
}

TEST_F(plan_runner_test, a_failed_step_that_says_next_does_not_end_the_list_but_names_its_outcome) {
  EXPECT_EQ(run({{{going_on(wait_step(1h, 10s))}}, {{drain_step()}}}).value(), outcome::timeout);

  EXPECT_EQ(drains(), std::vector<duration>{10s});
  EXPECT_EQ(ends(), (std::vector<std::string>{"timeout", "done"}));
}

TEST_F(plan_runner_test, the_first_failure_is_what_the_list_ends_with) {
  const auto leaves = plan_of("run_command", {{"document", std::string("AWS-RunShellScript")}});
  fleet.world.ssm().fail_with(1);

  EXPECT_EQ(run({{{going_on(wait_step(1h, 10s))}}, {{going_on(leaves)}}}).value(), outcome::timeout);

  EXPECT_EQ(ends(), (std::vector<std::string>{"timeout", "failed"}));
}

TEST_F(plan_runner_test, a_step_that_stands_aside_has_no_say_in_how_its_list_ends) {
  const auto told = plan_of("notify", {{"topic", fleet.world.sns().create_topic("fleet")}});
  const auto untold = plan_of("notify", {{"topic", std::string("arn:aws:sns:eu-west-1:111122223333:nothing")}});
  const auto nothing = plan_of("deregister_targets");

  EXPECT_EQ(run({{{untold}}}).value(), outcome::done);
  EXPECT_EQ(run({{{told}}, {{nothing}}}).value(), outcome::skipped);
  EXPECT_EQ(run({{{untold, nothing}}, {{wait_step(1s)}}}).value(), outcome::done);
  EXPECT_FALSE(keeps.list().is_worth_another_try());
  EXPECT_FALSE(keeps.list().first_failure());

  EXPECT_EQ(run({{{wait_step(1h, 10s), untold}}, {{drain_step()}}}).value(), outcome::timeout);
  EXPECT_TRUE(drains().empty());
  EXPECT_EQ(keeps.list().first_failure()->step, "wait");
}

TEST_F(plan_runner_test, a_nested_list_runs_together) {
  EXPECT_EQ(run({{{wait_step(1min), drain_step()}}}).value(), outcome::done);

  EXPECT_EQ(drains(), std::vector<duration>{0s});
  EXPECT_EQ(elapsed(), 1min) << "the list goes on when the last branch has ended";
}

TEST_F(plan_runner_test, a_failed_branch_leaves_its_siblings_alone_and_then_ends_the_list) {
  EXPECT_EQ(run({{{wait_step(1h, 10s), wait_step(1min)}}, {{drain_step()}}}).value(), outcome::timeout);

  EXPECT_EQ(ends(), (std::vector<std::string>{"timeout", "done"}));
  EXPECT_EQ(elapsed(), 1min);
  EXPECT_TRUE(drains().empty());
}

TEST_F(plan_runner_test, a_failed_branch_that_says_next_lets_the_list_go_on) {
  EXPECT_EQ(run({{{going_on(wait_step(1h, 10s)), wait_step(1min)}}, {{drain_step()}}}).value(), outcome::timeout);

  EXPECT_EQ(drains(), std::vector<duration>{1min});
}

TEST_F(plan_runner_test, giving_up_ends_all_branches_at_once) {
  const auto ran = run_until(20s, give_up::over, {{{wait_step(1h), wait_step(2h)}}, {{drain_step()}}});

  ASSERT_TRUE(ran.has_error());
  EXPECT_EQ(ran.error().code(), errc::cancelled);
  EXPECT_EQ(elapsed(), 20s);
  EXPECT_TRUE(drains().empty());
  EXPECT_EQ(fleet.time.tasks.running(), 0U);
}

TEST_F(plan_runner_test, a_step_given_back_to_the_queue_has_not_ended) {
  const auto ran = run_until(20s, give_up::hold, {{{wait_step(1h)}}});

  EXPECT_TRUE(ran.has_error());
  EXPECT_TRUE(ends().empty());
}

TEST_F(plan_runner_test, the_deadline_records_every_branch_it_ends) {
  run_until(20s, give_up::deadline, {{{wait_step(1h), wait_step(2h)}}});

  EXPECT_EQ(ends(), (std::vector<std::string>{"timeout", "timeout"}));
}

TEST_F(plan_runner_test, the_deadline_records_the_step_with_the_reason_it_was_stuck_for) {
  run_a_standalone_task();

  const auto ran = run_until(5min, give_up::deadline, {{{drain_step()}}});

  EXPECT_TRUE(ran.has_error());
  EXPECT_EQ(ends(), std::vector<std::string>{"standalone_task"});
  EXPECT_EQ(keeps.list().if_too_late(), outcome::standalone_task);
  EXPECT_THAT(fleet.counts.exposition(),
              testing::HasSubstr(R"(lifehook_steps_total{group="web",outcome="standalone_task",step="drain_ecs"} 1)"));
}

TEST_F(plan_runner_test, a_branch_that_goes_on_does_not_hide_why_its_sibling_stands_still) {
  run_a_standalone_task();
  const auto here =
      fleet.time.wait_for(fleet.ecs.usual.find_container_instances("prod", {about->instance})).value().front();
  fleet.world.ecs().create_cluster("batch");
  fleet.world.ecs().register_instance("batch", about->instance);
  const auto other = fleet.world.ecs().run_task("batch", "report", about->instance);
  // The simulated ECS finds an instance where it registered last.
  fleet.wire.instead = [&here](const seen_call& call) -> std::optional<aws::http_response> {
    const bool in_prod = call.body.find(R"("cluster":"prod")") != std::string::npos;
    if (call.operation != "ListContainerInstances" || !in_prod) return std::nullopt;
    return aws::http_response{200, {}, fmt::format(R"({{"containerInstanceArns":["{}"]}})", here)};
  };
  alarm progress(fleet.time.clock);
  progress.set(150s, [&] { fleet.world.ecs().stop_task(other); });

  run_until(5min, give_up::deadline, {{{drain_step(), drain_step("batch")}}});

  EXPECT_EQ(ends(), (std::vector<std::string>{"done", "standalone_task"}));
  EXPECT_EQ(keeps.list().if_too_late(), outcome::standalone_task);
}

TEST_F(plan_runner_test, a_step_that_times_out_is_not_blamed_for_the_step_before_it) {
  run_a_standalone_task();
  auto drain = going_on(drain_step());
  drain.timeout = 3min;

  run({{{drain}}, {{wait_step(1h, 10s)}}});

  EXPECT_EQ(ends(), (std::vector<std::string>{"standalone_task", "timeout"}));
}

TEST_F(plan_runner_test, a_branch_that_times_out_is_not_blamed_for_its_sibling) {
  run_a_standalone_task();
  auto drain = drain_step();
  drain.timeout = 4min;

  run({{{drain, wait_step(1h, 3min)}}});

  EXPECT_EQ(ends(), (std::vector<std::string>{"timeout", "standalone_task"}));
}

TEST_F(plan_runner_test, a_dry_run_of_one_step_logs_instead_of_acting) {
  EXPECT_EQ(run({{{dry(drain_step())}}, {{wait_step(30s)}}}).value(), outcome::done);

  EXPECT_TRUE(drains().empty());
  EXPECT_EQ(fleet.logged("would_drain").size(), 1U);
  EXPECT_EQ(elapsed(), 30s) << "the other steps act";
}

TEST_F(plan_runner_test, a_dry_run_that_meets_an_outage_says_that_a_real_one_would_hold_the_hook_and_goes_on) {
  fleet.services.dry_run = true;

  const auto ran = run({{{drain_step("nowhere")}}, {{drain_step()}}});

  EXPECT_FALSE(is_failure(ran.value()));
  ASSERT_EQ(fleet.logged("would_hold").size(), 1U);
  EXPECT_THAT(fleet.logged("would_hold").front().at("error").as_string().c_str(), testing::HasSubstr("nowhere"));
  EXPECT_EQ(fleet.logged("would_drain").size(), 1U);
  EXPECT_TRUE(keeps.list().would_hold());
}

TEST_F(plan_runner_test, a_dry_run_of_the_worker_makes_all_steps_log_instead_of_acting) {
  fleet.services.dry_run = true;

  EXPECT_EQ(run({{{drain_step()}}, {{wait_step(1h)}}}).value(), outcome::done);

  EXPECT_TRUE(drains().empty());
  EXPECT_EQ(elapsed(), 0s);
}

TEST_F(plan_runner_test, coming_back_undoes_what_only_made_sense_for_the_end) {
  group of;
  plan_runner runner(of, {{{drain_step()}}, {{wait_step(10s)}}}, fleet.services);
  run({{{drain_step()}}});
  ASSERT_EQ(fleet.world.ecs().instance_status(about->instance), "DRAINING");

  const auto back = fleet.time.wait_for(runner.undo(about, keeps, fleet.log));

  EXPECT_EQ(back, outcome::done);
  EXPECT_EQ(fleet.world.ecs().instance_status(about->instance), "ACTIVE");
  EXPECT_TRUE(runner.undoes());
  EXPECT_FALSE(plan_runner(of, {{{wait_step(10s)}}}, fleet.services).undoes());
}

}  // namespace
}  // namespace lifehook::handlers
