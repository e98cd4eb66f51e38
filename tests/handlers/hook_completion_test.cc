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
  EXPECT_EQ(end.how, outcome::lost) << "no heartbeat was accepted: its minute has run out";
  EXPECT_EQ(fleet.time.clock.now() - before, 10s);
}

TEST(hook_completion, an_outage_of_the_look_at_the_instance_is_no_end) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  const auto caught_up = fleet.time.clock.now() + 20s;
  fleet.wire.instead = [caught_up](const seen_call& call) -> std::optional<aws::http_response> {
    const bool is_early = call.at > caught_up - 20s && call.at < caught_up;
    if (is_early && call.operation == "DescribeAutoScalingInstances") return rejected_call();
    return is_early && call.operation == "CompleteLifecycleAction" ? std::optional(no_active_action()) : std::nullopt;
  };
  fleet.wire.slow = [](const seen_call& call) { return call.operation == "CompleteLifecycleAction" ? 1s : 0s; };

  EXPECT_EQ(hook.attend({{{wait_step(1s)}}}).what, verdict::kind::remove);

  EXPECT_EQ(fleet.action_seen().result, "CONTINUE");
}

TEST(hook_completion, a_completion_that_is_refused_after_an_accepted_heartbeat_is_over_at_once) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  hook.about->time = fleet.time.clock.now() - 40s;  // a heartbeat comes first
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    return call.operation == "CompleteLifecycleAction" ? std::optional(no_active_action()) : std::nullopt;
  };
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(hook.attend({{{wait_step(41s)}}}).how, outcome::gone);

  EXPECT_LE(fleet.time.clock.now() - before, 2s);
  EXPECT_EQ(fleet.wire.count("CompleteLifecycleAction"), 1U);
}

// A completion whose first answer is lost, though AWS has carried it out.
struct lost_answer : testing::Test {
  lost_answer() {
    fleet.furnish(1, 900s);
    hook.emplace(fleet);
    fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation != "CompleteLifecycleAction") return std::nullopt;
      const auto calls = fleet.wire.count(call.operation);
      if (calls == 1) return aws::http_response{503, {}, ""};
      return calls <= 4 ? std::optional(throttled()) : std::optional(no_active_action());
    };
  }
  static aws::http_response throttled() {
    return {400,
            {},
            "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"};
  }

  fleet_stage fleet;
  std::optional<hook_in_hand> hook;
};

TEST_F(lost_answer, is_not_forgotten_when_later_attempts_are_refused) {
  EXPECT_EQ(hook->attend().how, outcome::done);

  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "continue");
}

TEST_F(lost_answer, is_no_proof_of_a_completion_once_awss_timer_may_have_run_out) {
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "RecordLifecycleActionHeartbeat") return aws::http_response{503, {}, ""};
    if (call.operation != "CompleteLifecycleAction") return std::nullopt;
    return call.at < hook->about->time.value() + 20min ? aws::http_response{503, {}, ""} : no_active_action();
  };

  EXPECT_EQ(hook->attend().how, outcome::lost);

  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "ended_early");
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

TEST(hook_completion, one_of_a_hook_of_unknown_timing_that_gets_no_answer_is_tried_again_past_the_deadline) {
  fleet_stage fleet;
  fleet.furnish(1, 3600s);
  hook_in_hand hook(fleet);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 3h);
  fleet.deny("autoscaling", "CompleteLifecycleAction", hook.to.deadline + 5min);

  EXPECT_EQ(hook.attend().what, verdict::kind::remove);

  EXPECT_EQ(fleet.action_seen().result, "CONTINUE");
}

TEST(hook_completion, one_on_its_way_when_the_action_is_found_over_has_ended_it) {
  fleet_stage fleet;
  fleet.furnish();
  hook_in_hand hook(fleet);
  hook.about->time = fleet.time.clock.now() - 31s;  // heartbeats now, and in about 30 s
  alarm slowing(fleet.time.clock);
  slowing.set(24s, [&] { fleet.wire.latency_back = 9s; });
  alarm again(fleet.time.clock);
  again.set(26s, [&] { fleet.wire.latency_back = 0s; });

  EXPECT_EQ(hook.attend({{{wait_step(31s + 25s)}}}).how, outcome::done);

  EXPECT_LT(fleet.time.clock.now() - *fleet.action_seen().ended, 9s) << "a heartbeat was answered first";
  EXPECT_EQ(fleet.logged("hook_ended").back().at("result").as_string(), "continue");
}

}  // namespace
}  // namespace lifehook::handlers
