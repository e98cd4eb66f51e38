#include "handlers/run_command.h"

#include "tests/handlers/step_stage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

struct run_command_test : testing::Test {
  run_command_test() {
    fleet.furnish(1);
    fleet.time.run_for(1min);
    about.kind = event_kind::terminating;
    about.time = fleet.time.clock.now();
    about.instance = fleet.an_instance();
    about.group = "web-fleet";
    about.hook = "drain";
    about.token = "7a5c0e1d-0000-4000-8000-000000000001";
  }
  std::size_t sent() { return fleet.world.ssm().commands_sent().size(); }

  step_stage fleet;
  event about;
  step_plan save = plan_of("run_command", {{"document", "AWS-RunShellScript"},
                                           {"parameters", text_lists{{"commands", {"sync", "save-logs"}}}},
                                           {"output_bucket", "logs"},
                                           {"output_prefix", "web"}});
};

TEST_F(run_command_test, runs_the_document_and_waits_for_its_end) {
  fleet.world.ssm().set_run_time(40s);
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(save, about).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 40s);
  EXPECT_EQ(sent(), 1U);
  const auto ended = fleet.logged("command_ended");
  ASSERT_THAT(ended, SizeIs(1));
  EXPECT_THAT(std::string(ended.front().at("output").as_string()), HasSubstr("logs/web/"));
}

TEST_F(run_command_test, run_again_by_anyone_it_follows_the_command_that_was_sent) {
  fleet.run(save, about);
  auto other = fleet.replica();

  EXPECT_EQ(fleet.run(save, about, other).value(), outcome::done);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(run_command_test, two_of_one_document_in_a_list_run_both_and_each_once) {
  auto deregister = save;
  deregister.with.set("parameters", text_lists{{"commands", {"leave-consul"}}});
  const plan list{{{save}}, {{deregister}}, {{save}}};
  auto other = fleet.replica();
  const auto listed = std::make_shared<event>(about);
  plan_runner here(fleet.service, list, fleet.services), there(fleet.service, list, other);
  tenure mine(fleet.terms()), theirs(fleet.terms());

  EXPECT_EQ(fleet.time.wait_for(mine.work().guard(here.run(listed, mine, fleet.log))).value(), outcome::done);
  EXPECT_EQ(fleet.time.wait_for(theirs.work().guard(there.run(listed, theirs, fleet.log))).value(), outcome::done);

  EXPECT_EQ(sent(), 3U) << "a script before something and after it, and another between, each told once";
}

TEST_F(run_command_test, a_deploy_that_puts_another_step_before_it_runs_it_no_second_time) {
  fleet.run(save, about);
  auto other = fleet.replica();
  plan_runner deployed(fleet.service, {{{plan_of("deregister_targets")}}, {{save}}}, other);
  tenure keeps(fleet.terms());

  const auto ran =
      fleet.time.wait_for(keeps.work().guard(deployed.run(std::make_shared<event>(about), keeps, fleet.log)));

  EXPECT_EQ(ran.value(), outcome::done);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(run_command_test, another_event_of_the_instance_runs_its_own) {
  about.destination = place::warm_pool;
  fleet.run(save, about);
  about.token = "8b5c0e1d-0000-4000-8000-000000000002";

  fleet.run(save, about);

  EXPECT_EQ(sent(), 2U) << "it may go there again and again";
}

TEST_F(run_command_test, of_a_launch_the_copy_that_a_worker_made_without_a_token_runs_no_second_one) {
  about.kind = event_kind::launching;
  about.origin = place::ec2;
  fleet.run(save, about);
  about.token.clear();
  about.time = *about.time + 90s;

  EXPECT_EQ(fleet.run(save, about).value(), outcome::done);
  EXPECT_EQ(sent(), 1U);

  about.origin = place::warm_pool;
  fleet.run(save, about);
  EXPECT_EQ(sent(), 2U) << "it may come out of there again and again";
}

TEST_F(run_command_test, of_a_launch_whose_message_names_no_origin_the_copy_that_a_worker_made_runs_no_second_one) {
  about.kind = event_kind::launching;
  about.origin = place::unstated;
  fleet.run(save, about);
  about.token.clear();
  about.time = *about.time + 90s;
  about.origin = place::ec2;

  EXPECT_EQ(fleet.run(save, about).value(), outcome::done);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(run_command_test, of_an_end_the_copy_that_a_worker_made_without_a_token_runs_no_second_one) {
  fleet.run(save, about);
  about.token.clear();
  about.time = *about.time + 90s;

  EXPECT_EQ(fleet.run(save, about).value(), outcome::done);
  EXPECT_EQ(sent(), 1U);

  about.hook = "save";
  fleet.run(save, about);
  EXPECT_EQ(sent(), 2U) << "each hook has a list to run";
}

TEST_F(run_command_test, copies_of_one_change_are_one_event_whatever_time_their_pages_carry) {
  about.kind = event_kind::scheduled_change;
  about.token.clear();
  about.change = "arn:aws:health:eu-west-1::event/EC2/x";
  about.starts = fleet.time.clock.now() + 48h;
  fleet.run(save, about);
  about.time = *about.time + 3s;

  EXPECT_EQ(fleet.run(save, about).value(), outcome::done);
  EXPECT_EQ(sent(), 1U);

  about.change = "arn:aws:health:eu-west-1::event/EC2/y";
  EXPECT_EQ(fleet.run(save, about).value(), outcome::done);
  EXPECT_EQ(sent(), 2U) << "another change of the same instance at the same time";
}

TEST_F(run_command_test, a_lost_answer_sends_once) {
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add({simulator::fault_kind::lost_answer, "ssm", "SendCommand", 1.0, now, now + 1s, {}});

  EXPECT_EQ(fleet.run(save, about).value(), outcome::done);
  EXPECT_EQ(sent(), 1U);
}

TEST_F(run_command_test, a_script_that_fails_is_a_failure_unless_told_otherwise) {
  fleet.world.ssm().fail_with(3);
  EXPECT_EQ(fleet.run(save, about).value(), outcome::failed);

  about.token = "8b5c0e1d-0000-4000-8000-000000000002";
  auto whatever = save;
  whatever.with.set("ignore_exit", true);
  EXPECT_EQ(fleet.run(whatever, about).value(), outcome::done);
}

TEST_F(run_command_test, a_script_that_failed_is_not_looked_at_again_until_the_window_ends) {
  fleet.world.ssm().fail_with(3);
  auto warned = fleet.spot(about.instance);

  EXPECT_EQ(fleet.attend({{{save}}}, warned).how, outcome::failed);

  EXPECT_EQ(fleet.outcomes_of("step_ended"), std::vector<std::string>{"failed"});
}

TEST_F(run_command_test, a_script_that_never_ran_is_a_failure_whatever_exits_are_ignored) {
  std::string details;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "GetCommandInvocation") return std::nullopt;
    return aws::http_response{
        200, {}, fmt::format(R"({{"Status":"Failed","StatusDetails":"{}","ResponseCode":-1}})", details)};
  };
  save.with.set("ignore_exit", true);

  for (const auto* each : {"Undeliverable", "AccessDenied", "InvalidPlatform", "Terminated"}) {
    details = each;
    about.token += "x";
    EXPECT_EQ(fleet.run(save, about).value(), outcome::failed) << each;
  }
}

TEST_F(run_command_test, an_instance_that_is_not_managed_yet_is_waited_for) {
  fleet.world.autoscaling().set_desired("web-fleet", 2);
  about.kind = event_kind::launching;
  about.instance = fleet.members().back();
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(save, about).value(), outcome::done);
  EXPECT_GE(fleet.time.clock.now() - before, 10s) << "its agent registers some time after its launch";
}

TEST_F(run_command_test, an_instance_that_has_gone_is_said_and_done) {
  fleet.world.ec2().terminate(about.instance);
  fleet.time.run_for(2min);

  EXPECT_EQ(fleet.run(save, about).value(), outcome::gone);
}

TEST_F(run_command_test, an_outage_is_waited_out) {
  fleet.deny("ssm", "*", 3min);

  EXPECT_EQ(fleet.run(save, about).value(), outcome::done);
  EXPECT_EQ(sent(), 1U);
}

}  // namespace
}  // namespace lifehook::handlers
