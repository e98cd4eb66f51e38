#include "handlers/hook_completion.h"

#include "tests/handlers/hook_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

TEST(hook_completion, a_completion_that_comes_before_aws_has_caught_up_is_tried_again_every_five_seconds) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  fleet.wire.instead = [&fleet](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "CompleteLifecycleAction" && fleet.wire.count(call.operation) <= 2) return no_active_action();
    if (call.operation == "RecordLifecycleActionHeartbeat") return no_active_action();
    return std::nullopt;
  };

  const auto end = hook.attend();

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(fleet.action_seen().result, "CONTINUE");
  const auto calls = fleet.wire.of("CompleteLifecycleAction");
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[1].at - calls[0].at, 5s);
  EXPECT_EQ(calls[2].at - calls[1].at, 5s);
}

TEST(hook_completion, a_completion_that_is_refused_for_a_minute_is_over) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "CompleteLifecycleAction") return no_active_action();
    return std::nullopt;
  };
  hook.about->time = fleet.time.clock.now() - 50s;
  fleet.deny("autoscaling", "RecordLifecycleActionHeartbeat", 1h);
  const auto before = fleet.time.clock.now();

  const auto end = hook.attend();

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.how, outcome::gone);
  EXPECT_EQ(fleet.time.clock.now() - before, 10s);
}

TEST(hook_completion, a_completion_that_is_rejected_for_good_is_given_up_at_the_global_timeout_and_its_message_left) {
  fleet_stage fleet;
  fleet.furnish(1, 30s);  // its global timeout ends before the hold does
  hook_in_hand hook(fleet);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "CompleteLifecycleAction") return std::nullopt;
    return rejected_call();
  };
  fleet.time.wait_for(fleet.hooks.find("web-fleet", "drain"));
  const auto global = fleet.hooks.known("web-fleet", "drain")->global_timeout;
  const auto before = fleet.time.clock.now();

  const auto end = hook.attend();

  EXPECT_EQ(end.what, verdict::kind::leave);
  EXPECT_GE(fleet.time.clock.now() - before, global);
  EXPECT_LE(fleet.time.clock.now() - before, global + 30s);
  EXPECT_LE(fleet.wire.count("CompleteLifecycleAction"), static_cast<std::size_t>(global / 5s));
  ASSERT_EQ(fleet.logged("completing_given_up").size(), 1U);
  EXPECT_EQ(fleet.logged("completing_given_up").front().at("level").as_string(), "error");
}

TEST(hook_completion, a_rejected_completion_of_a_hook_of_unknown_timing_is_given_up_at_the_deadline) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 3h);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "CompleteLifecycleAction") return std::nullopt;
    return rejected_call();
  };
  const auto before = fleet.time.clock.now();

  const auto end = hook.attend();

  EXPECT_EQ(end.what, verdict::kind::leave);
  EXPECT_LE(fleet.time.clock.now() - before, hook.to.deadline + 30s);
}

}  // namespace
}  // namespace lifehook::handlers
