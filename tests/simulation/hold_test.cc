#include "tests/simulation/scenario.h"

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

// A queue that holds each message for less time than its hook takes.
struct hold : testing::Test {
  hold() {
    fleet.queue_settings = "hold: 20s";
    fleet.heartbeat_timeout = 60s;
    fleet.instances = 2;
  }
  replica& begin() {
    fleet.furnish();
    fleet.time.run_for(1s);
    auto& worker = fleet.add_worker();
    fleet.start(worker);
    fleet.scale_in_to(1);
    return worker;
  }

  scenario fleet;
};

TEST_F(hold, a_hook_left_to_its_default_ends_by_it_and_its_list_fails_once) {
  fleet.group_settings = "deadline: 40m, on_failure: {terminating: default}";
  fleet.world.ssm().fail_with(1);
  fleet.terminating = "[{run_command: {document: AWS-RunShellScript, parameters: {commands: [sync]}}}]";
  auto& worker = begin();

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 10min));

  EXPECT_TRUE(fleet.actions().front().timed_out);
  EXPECT_EQ(worker.logged("steps_failed").size(), 1U);
  ASSERT_EQ(worker.logged("hook_ended").size(), 1U);
  EXPECT_EQ(worker.logged("hook_ended").front().at("result").as_string(), "default");
}

TEST_F(hold, a_step_times_out_at_its_timeout) {
  fleet.terminating = "[{drain_ecs: {cluster: prod, timeout: 2m}}]";
  auto& worker = begin();
  fleet.world.ecs().run_task("prod", "report", fleet.actions().front().instance);
  const auto began = fleet.actions().front().began;

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 30min));

  EXPECT_GE(worker.logged("given_back").size(), 2U);
  EXPECT_EQ(worker.logged("step_ended").back().at("outcome").as_string(), "timeout");
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
  EXPECT_GE(*fleet.actions().front().ended - began, 2min);
  EXPECT_LE(*fleet.actions().front().ended - began, 2min + 20s);
}

}  // namespace
}  // namespace lifehook::test
