#include "handlers/rerun_task.h"

#include "handlers/rerun_reason.h"
#include "tests/handlers/step_stage.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

struct rerun_task_test : testing::Test {
  rerun_task_test() { fleet.world.ecs().create_cluster("jobs"); }

  std::string start(const std::string& security_group = "sg-default") {
    simulator::fargate_task_settings with;
    with.cluster = "jobs";
    with.security_groups = {security_group};
    with.tags = {{"Team", "data"}};
    const auto arn = fleet.world.ecs().run_fargate_task(with);
    fleet.time.run_for(30s);
    return arn;
  }
  event told(event_kind kind, const std::string& arn) {
    event about;
    about.kind = kind;
    about.time = fleet.time.clock.now();
    about.cluster_arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/jobs";
    about.task_arn = arn;
    about.task_group = "family:report";
    return about;
  }
  std::vector<simulator::task_record> tasks() { return fleet.world.ecs().tasks("jobs"); }
  aws::whole_task newest() { return *fleet.time.wait_for(fleet.runner.describe("jobs", tasks().back().arn)).value(); }

  step_stage fleet;
  step_plan on_interruption = plan_of("rerun_task");
  step_plan on_failure = plan_of("rerun_task", {{"on", "failure"}});
};

TEST_F(rerun_task_test, an_interrupted_task_runs_again_once_it_has_stopped) {
  const auto arn = start("sg-own");
  fleet.world.ecs().interrupt_spot_task(arn);
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(on_interruption, told(event_kind::task_interruption, arn)).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 2min) << "not beside the one that still stops";
  ASSERT_THAT(tasks(), SizeIs(2));
  const auto again = newest();
  EXPECT_EQ(again.tags.at("Team"), "data");
  EXPECT_EQ(again.tags.at(std::string(attempt_tag)), "1");
  EXPECT_EQ(again.capacity_provider, "FARGATE_SPOT");
  const auto network = fleet.time.wait_for(fleet.ec2.interface_of(again.interface_id)).value();
  ASSERT_TRUE(network);
  EXPECT_THAT(network->security_groups, ElementsAre("sg-own"));
}

TEST_F(rerun_task_test, told_twice_and_by_two_replicas_runs_one) {
  const auto arn = start();
  fleet.world.ecs().interrupt_spot_task(arn);
  const auto about = told(event_kind::task_interruption, arn);
  fleet.run(on_interruption, about);

  auto other = fleet.replica();
  EXPECT_EQ(fleet.run(on_interruption, about, other).value(), outcome::done);
  EXPECT_EQ(fleet.run(on_failure, told(event_kind::task_stopped, arn)).value(), outcome::done);

  EXPECT_THAT(tasks(), SizeIs(2));
}

TEST_F(rerun_task_test, one_that_succeeded_is_left_alone) {
  const auto arn = start();
  fleet.world.ecs().interrupt_spot_task(arn, {{"app", 0}});

  EXPECT_EQ(fleet.run(on_interruption, told(event_kind::task_interruption, arn)).value(), outcome::skipped);
  EXPECT_THAT(tasks(), SizeIs(1));
}

TEST_F(rerun_task_test, attempts_are_used_up) {
  auto arn = start();
  for (int attempt = 1; attempt <= 3; ++attempt) {
    fleet.world.ecs().interrupt_spot_task(arn);
    ASSERT_EQ(fleet.run(on_interruption, told(event_kind::task_interruption, arn)).value(), outcome::done) << attempt;
    arn = tasks().back().arn;
    fleet.time.run_for(30s);
  }
  fleet.world.ecs().interrupt_spot_task(arn);

  EXPECT_EQ(fleet.run(on_interruption, told(event_kind::task_interruption, arn)).value(), outcome::at_max);
  EXPECT_THAT(tasks(), SizeIs(4));
}

TEST_F(rerun_task_test, a_failed_task_runs_again_in_the_network_that_was_noted_while_it_ran) {
  const auto arn = start("sg-own");
  EXPECT_EQ(fleet.run(on_failure, told(event_kind::task_running, arn)).value(), outcome::done);
  fleet.world.ecs().exit_task(arn, {{"app", 1}});
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.run(on_failure, told(event_kind::task_stopped, arn)).value(), outcome::done);

  ASSERT_THAT(tasks(), SizeIs(2));
  const auto network = fleet.time.wait_for(fleet.ec2.interface_of(newest().interface_id)).value();
  EXPECT_THAT(network->security_groups, ElementsAre("sg-own"));
}

TEST_F(rerun_task_test, without_its_network_it_is_not_run_in_another) {
  const auto arn = start();
  fleet.world.ecs().exit_task(arn, {{"app", 1}});
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.run(on_failure, told(event_kind::task_stopped, arn)).value(), outcome::failed);
  EXPECT_THAT(tasks(), SizeIs(1));
}

TEST_F(rerun_task_test, want_of_capacity_is_asked_again) {
  const auto arn = start();
  fleet.world.ecs().interrupt_spot_task(arn);
  fleet.world.ecs().refuse_capacity("FARGATE_SPOT", 2);

  EXPECT_EQ(fleet.run(on_interruption, told(event_kind::task_interruption, arn)).value(), outcome::done);

  EXPECT_THAT(fleet.logged("no_capacity"), SizeIs(2));
  EXPECT_THAT(tasks(), SizeIs(2));
}

TEST_F(rerun_task_test, a_lost_answer_runs_one) {
  const auto arn = start();
  fleet.world.ecs().interrupt_spot_task(arn);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add({simulator::fault_kind::lost_answer, "ecs", "RunTask", 0.5, now, now + 10min, {}});

  EXPECT_EQ(fleet.run(on_interruption, told(event_kind::task_interruption, arn)).value(), outcome::done);
  EXPECT_THAT(tasks(), SizeIs(2));
}

}  // namespace
}  // namespace lifehook::handlers
