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
  aws::whole_task newest() {
    return *fleet.time.wait_for(fleet.runner.usual.describe("jobs", tasks().back().arn)).value();
  }

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
  const auto network = fleet.time.wait_for(fleet.ec2.usual.interface_of(again.interface_id)).value();
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

// A standalone task with tags on an instance that ends, and another instance that has room.
struct drained_task_test : rerun_task_test {
  drained_task_test() {
    fleet.furnish(1, 3600s);
    fleet.world.ecs().run_task("prod", "report", fleet.an_instance());
    const auto definition = in_prod().back().definition;
    const std::map<std::string, std::string> tags{{"Team", "data"}, {std::string(attempt_tag), "1"}};
    arn = fleet.time
              .wait_for(fleet.runner.usual.run(
                  {.cluster = "prod", .definition_arn = definition, .client_token = "first", .tags = tags}))
              .value()
              .arns.at(0);
    fleet.time.run_for(30s);
    ending = *fleet.begin_termination();
    fleet.world.ecs().register_instance("prod", "i-0fedcba9876543210");
  }
  std::vector<simulator::task_record> in_prod() { return fleet.world.ecs().tasks("prod"); }
  void drain() {
    EXPECT_EQ(fleet.run(plan_of("drain_ecs", {{"cluster", "prod"}, {"standalone_tasks", "stop"}}), ending).value(),
              outcome::done);
  }
  event its_stop() {
    auto about = told(event_kind::task_stopped, arn);
    about.cluster_arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/prod";
    return about;
  }

  std::string arn;
  event ending;
};

TEST_F(drained_task_test, runs_again_elsewhere_with_its_tags_when_a_drain_has_stopped_it) {
  fleet.service.plans[event_kind::task_stopped] = {{{on_failure}}};
  drain();

  EXPECT_EQ(fleet.run(on_failure, its_stop()).value(), outcome::done);

  const auto again = in_prod().back();
  EXPECT_EQ(again.instance, "i-0fedcba9876543210");
  const auto tags = fleet.time.wait_for(fleet.runner.usual.describe("prod", again.arn)).value()->tags;
  EXPECT_EQ(tags.at("Team"), "data");
  EXPECT_EQ(tags.at(std::string(attempt_tag)), "2") << "AWS deletes the tags of a task that is stopped";
  EXPECT_EQ(tags.at(std::string(rerun_of_tag)), arn);
}

TEST_F(drained_task_test, is_stopped_though_its_tags_cannot_be_read) {
  fleet.service.plans[event_kind::task_stopped] = {{{on_failure}}};
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeTasks" || call.body.find("TAGS") == std::string::npos) return std::nullopt;
    return aws::http_response{500, {}, "{}"};
  };

  drain();

  EXPECT_EQ(fleet.wire.count("StopTask"), 2U);
  EXPECT_EQ(fleet.logged("task_tags_not_noted").size(), 2U);
}

TEST_F(drained_task_test, has_its_tags_read_only_where_tasks_run_again) {
  const auto before = fleet.wire.calls.size();

  drain();

  for (auto at = before; at < fleet.wire.calls.size(); ++at)
    EXPECT_EQ(fleet.wire.calls[at].body.find("TAGS"), std::string::npos);
}

TEST_F(rerun_task_test, a_failed_task_runs_again_in_the_network_that_was_noted_while_it_ran) {
  const auto arn = start("sg-own");
  EXPECT_EQ(fleet.run(on_failure, told(event_kind::task_running, arn)).value(), outcome::done);
  fleet.world.ecs().exit_task(arn, {{"app", 1}});
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.run(on_failure, told(event_kind::task_stopped, arn)).value(), outcome::done);

  ASSERT_THAT(tasks(), SizeIs(2));
  const auto network = fleet.time.wait_for(fleet.ec2.usual.interface_of(newest().interface_id)).value();
  EXPECT_THAT(network->security_groups, ElementsAre("sg-own"));
}

TEST_F(rerun_task_test, networks_of_running_tasks_make_room_for_others_and_hold_no_event) {
  const auto small = state::make_memory_store(fleet.time.clock, 2);
  auto with = fleet.replica(*small);
  for (int i = 0; i < 5; ++i) {
    const auto about = told(event_kind::task_running, start());
    const auto before = fleet.time.clock.now();

    EXPECT_EQ(fleet.run(on_failure, about, with).value(), outcome::done);

    EXPECT_LT(fleet.time.clock.now() - before, 1s);
  }
  EXPECT_TRUE(fleet.time.wait_for(small->write_note("raise#i-1", "3", 1h)).has_value());
  EXPECT_TRUE(fleet.time.wait_for(small->write_note("raise#i-2", "3", 1h)).has_value());
}

TEST_F(rerun_task_test, that_networks_are_forgotten_is_said_once_in_a_while) {
  const auto small = state::make_memory_store(fleet.time.clock, 1);
  auto with = fleet.replica(*small);
  plan_runner runner(fleet.service, {{{on_failure}}}, with);
  for (int i = 0; i < 4; ++i) {
    tenure keeps(fleet.terms());
    const auto about = std::make_shared<event>(told(event_kind::task_running, start()));
    ASSERT_EQ(fleet.time.wait_for(runner.run(about, keeps, fleet.log)), outcome::done);
  }

  EXPECT_THAT(fleet.logged("networks_forgotten"), SizeIs(1));
}

TEST_F(rerun_task_test, the_network_of_a_task_that_has_stopped_is_the_first_to_make_room) {
  const auto small = state::make_memory_store(fleet.time.clock, 2);
  auto with = fleet.replica(*small);
  const auto first = start("sg-own");
  fleet.run(on_failure, told(event_kind::task_running, first), with);
  const auto second = start();
  fleet.run(on_failure, told(event_kind::task_running, second), with);
  fleet.world.ecs().exit_task(second, {{"app", 0}});
  fleet.time.run_for(1min);
  ASSERT_EQ(fleet.run(on_failure, told(event_kind::task_stopped, second), with).value(), outcome::skipped);

  fleet.run(on_failure, told(event_kind::task_running, start()), with);

  fleet.world.ecs().exit_task(first, {{"app", 1}});
  fleet.time.run_for(1min);
  EXPECT_EQ(fleet.run(on_failure, told(event_kind::task_stopped, first), with).value(), outcome::done);
}

TEST_F(rerun_task_test, a_failure_told_again_after_an_hour_in_which_its_network_was_let_go_fails_nothing) {
  const auto arn = start();
  fleet.run(on_failure, told(event_kind::task_running, arn));
  fleet.world.ecs().exit_task(arn, {{"app", 1}});
  fleet.time.run_for(1min);
  const auto about = told(event_kind::task_stopped, arn);
  ASSERT_EQ(fleet.run(on_failure, about).value(), outcome::done);
  fleet.time.run_for(50min);

  EXPECT_EQ(fleet.run(on_failure, about).value(), outcome::done);
  EXPECT_THAT(tasks(), SizeIs(2));
}

TEST_F(rerun_task_test, a_task_that_begins_to_run_waits_in_the_queue_for_what_does_not_answer) {
  const auto about = told(event_kind::task_running, start());
  fleet.deny("ec2", "DescribeNetworkInterfaces", 30min);
  auto under = fleet.terms();
  under.longest_delay = 12h;
  const auto before = fleet.time.clock.now();

  const auto put_off = fleet.attend({{{on_failure}}}, about, fleet.services, under);
  under.may_requeue = false;
  const auto ended = fleet.attend({{{on_failure}}}, about, fleet.services, under);

  EXPECT_EQ(put_off.what, verdict::kind::requeue);
  EXPECT_EQ(put_off.delay, 10min);
  EXPECT_EQ(ended.what, verdict::kind::remove) << "which would end in the dead-letter queue";
  EXPECT_EQ(ended.how, outcome::skipped);
  EXPECT_LE(fleet.time.clock.now() - before, 2min);
}

TEST_F(rerun_task_test, without_its_network_it_is_not_run_in_another) {
  const auto arn = start();
  fleet.world.ecs().exit_task(arn, {{"app", 1}});
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.run(on_failure, told(event_kind::task_stopped, arn)).value(), outcome::failed);
  EXPECT_THAT(tasks(), SizeIs(1));
}

TEST_F(rerun_task_test, a_message_that_goes_back_to_the_queue_after_every_look_does_not_wait_anew) {
  const auto patient = plan_of("rerun_task", {{"on", "failure"}, {"backoff", duration(5min)}});
  const auto arn = start();
  fleet.run(patient, told(event_kind::task_running, arn));
  fleet.world.ecs().exit_task(arn, {{"app", 1}});
  fleet.time.run_for(1min);
  const auto about = told(event_kind::task_stopped, arn);
  auto under = fleet.terms();
  under.longest_delay = 12h;
  under.hold_until = fleet.time.clock.now();

  const auto waits = fleet.attend({{{patient}}}, about, fleet.services, under);
  ASSERT_EQ(waits.what, verdict::kind::requeue);
  EXPECT_LT(waits.delay, 5min);
  fleet.time.run_for(waits.delay);
  const auto ended = fleet.attend({{{patient}}}, about, fleet.services, under);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_THAT(tasks(), SizeIs(2));
}

TEST_F(rerun_task_test, want_of_capacity_is_asked_again) {
  const auto arn = start();
  fleet.world.ecs().interrupt_spot_task(arn);
  fleet.world.ecs().refuse_capacity("FARGATE_SPOT", 2);

  EXPECT_EQ(fleet.run(on_interruption, told(event_kind::task_interruption, arn)).value(), outcome::done);

  EXPECT_THAT(fleet.logged("no_capacity"), SizeIs(2));
  EXPECT_THAT(tasks(), SizeIs(2));
}

TEST_F(rerun_task_test, without_a_backoff_want_of_capacity_is_not_asked_about_without_a_pause) {
  const auto at_once = plan_of("rerun_task", {{"on", "failure"}, {"backoff", duration(0)}});
  const auto arn = start();
  fleet.run(at_once, told(event_kind::task_running, arn));
  fleet.world.ecs().exit_task(arn, {{"app", 1}});
  fleet.time.run_for(1min);
  fleet.world.ecs().refuse_capacity("FARGATE_SPOT", 10);
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(at_once, told(event_kind::task_stopped, arn)).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 10s) << "ten calls in vain";
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
