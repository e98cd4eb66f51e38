#include "handlers/heartbeats.h"

#include "base/metrics.h"
#include "tests/handlers/fleet_stage.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <list>
#include <set>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view heartbeat_call = "RecordLifecycleActionHeartbeat";

struct owner final : heartbeats::listener {
  void timing_known(const aws::lifecycle_hook& hook) override { timing = hook.heartbeat_timeout; }
  void timeout_shortened(duration to) override { timing = to; }
  void action_over() override { ++overs; }
  duration event_age() const override { return clock->now() - event_time; }
  bool came_before() const override { return second_receive; }
  void proven() override { ++proofs; }
  const lifehook::clock* clock = nullptr;
  time_point event_time;
  std::optional<duration> timing;
  bool second_receive = false;
  int overs = 0;
  int proofs = 0;
};

struct heartbeats_test : testing::Test {
  // A hook's action that begins now, and an event of it that is `age` old already.
  void begin(std::chrono::seconds timeout = 60s, duration age = {}, int instances = 1) {
    fleet.furnish(instances, timeout);
    about = fleet.begin_termination();
    about->time = fleet.time.clock.now() - age;
    began = fleet.time.clock.now();
    mine.clock = &fleet.time.clock;
    mine.event_time = *about->time;
  }
  void beat() {
    beating.emplace(fleet.services, mine, about, "web", fleet.log);
    fleet.time.tasks.spawn(start(*beating, begun));
  }
  static task<> start(heartbeats& of, bool& begun) {
    const auto proof = of.begin();
    co_await proof->wait();
    begun = true;
  }
  // A message whose token nobody gave out.
  void begin_for_an_instance_in_service() {
    begin(60s, {}, 2);
    about->instance = fleet.in_service();
    about->token = "00000000-1111-2222-3333-444444444444";
  }
  void reject_heartbeats() {
    fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
      return call.operation == heartbeat_call ? std::optional(rejected_call()) : std::nullopt;
    };
  }
  void throttle_heartbeats() {
    fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
      return call.operation == heartbeat_call ? std::optional(throttled_call()) : std::nullopt;
    };
  }
  std::string counted() { return fleet.counts.exposition(); }
  // When heartbeats were sent, since the beginning.
  std::vector<duration> beats() const {
    std::vector<duration> at;
    for (const auto& each : fleet.wire.of(heartbeat_call)) at.push_back(each.at - began);
    return at;
  }
  void refuse_heartbeats(std::size_t first_good) {
    fleet.wire.instead = [this, first_good](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation == heartbeat_call && fleet.wire.count(heartbeat_call) < first_good) return no_active_action();
      return std::nullopt;
    };
  }

  fleet_stage fleet;
  owner mine;
  std::shared_ptr<event> about;
  time_point began;
  bool begun = false;  // the steps may begin
  std::optional<heartbeats> beating;
};

TEST_F(heartbeats_test, a_young_event_is_proven_by_a_look_and_the_first_comes_half_a_timeout_after_it) {
  begin(60s, 10s);

  beat();
  fleet.time.run_for(1s);
  EXPECT_TRUE(begun);
  EXPECT_EQ(mine.proofs, 1) << "told once: what rests until then is woken";
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 1U);
  fleet.time.run_for(22s);
  EXPECT_EQ(mine.proofs, 1);

  const auto at = beats();
  ASSERT_EQ(at.size(), 1U);
  EXPECT_GE(at[0], 17s);
}

TEST_F(heartbeats_test, a_clock_that_is_set_back_puts_none_off) {
  begin(60s);
  fleet.time.clock.set(fleet.time.clock.now() - 1h);

  beat();
  fleet.time.run_for(5min);

  EXPECT_FALSE(fleet.action_seen().ended.has_value());
  EXPECT_GE(beats().size(), 5U);
}

TEST_F(heartbeats_test, a_look_that_hangs_does_not_let_the_hook_run_out) {
  begin(30s);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add(
      {simulator::fault_kind::delay, "autoscaling", "DescribeAutoScalingInstances", 1.0, now, now + 1h, 1min});

  beat();
  fleet.time.run_for(10s);

  ASSERT_EQ(beats().size(), 1U);
  EXPECT_LE(beats()[0], 8s);
  EXPECT_TRUE(begun);
  fleet.time.run_for(5min);
  EXPECT_FALSE(fleet.action_seen().ended.has_value());
}

TEST_F(heartbeats_test, failed_ones_go_on_while_a_look_hangs) {
  begin(30s, 20s);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add(
      {simulator::fault_kind::delay, "autoscaling", "DescribeAutoScalingInstances", 1.0, now, now + 1h, 1min});
  fleet.deny("autoscaling", std::string(heartbeat_call), 6s);

  beat();
  fleet.time.run_for(9s);

  EXPECT_TRUE(begun) << "one was accepted";
  EXPECT_FALSE(fleet.action_seen().ended.has_value());
}

TEST_F(heartbeats_test, the_first_comes_at_once_when_the_event_is_older_than_half_a_timeout) {
  begin(60s, 40s);

  beat();
  fleet.time.run_for(50s);

  const auto at = beats();
  ASSERT_EQ(at.size(), 2U);
  EXPECT_EQ(at[0], 0s);
  EXPECT_GE(at[1], 27s);
  EXPECT_LE(at[1], 33s);
}

TEST_F(heartbeats_test, the_first_comes_at_once_when_the_message_was_in_hand_before) {
  begin(60s, 5s);
  mine.second_receive = true;

  beat();
  fleet.time.run_for(1s);

  ASSERT_EQ(beats().size(), 1U);
  EXPECT_TRUE(begun);
}

TEST_F(heartbeats_test, of_many_that_come_again_after_a_restart_the_first_are_spread) {
  begin(3600s, 5s);
  mine.second_receive = true;

  for (const auto age : {5s, 2000s}) {
    std::set<duration> at;
    for (int i = 0; i < 8; ++i) {
      fleet.wire.calls.clear();
      began = fleet.time.clock.now();
      mine.event_time = began - age;
      beat();
      fleet.time.run_for(1s);
      EXPECT_TRUE(std::exchange(begun, false)) << "a look proves it";
      fleet.time.run_for(1min);
      ASSERT_EQ(beats().size(), 1U);
      at.insert(beats()[0]);
    }
    EXPECT_GE(*at.rbegin() - *at.begin(), 4s) << age.count();
    EXPECT_LE(*at.rbegin(), 11s) << age.count() << ": the timer that runs may be shorter than what the hook says now";
  }
}

TEST_F(heartbeats_test, a_timing_that_is_learned_late_does_not_put_off_the_first_of_a_message_that_comes_again) {
  begin(3600s, 5s);
  mine.second_receive = true;
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add(
      {simulator::fault_kind::delay, "autoscaling", "DescribeLifecycleHooks", 1.0, now, now + 1h, 10ms});

  beat();
  fleet.time.run_for(1min);

  EXPECT_EQ(mine.timing, 3600s);
  EXPECT_EQ(beats().size(), 1U);
}

TEST_F(heartbeats_test, a_timing_that_is_learned_late_costs_none_before_half_of_it) {
  begin(3600s, 5s);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add(
      {simulator::fault_kind::delay, "autoscaling", "DescribeLifecycleHooks", 1.0, now, now + 1h, 1s});

  beat();
  fleet.time.run_for(25min);

  EXPECT_EQ(mine.timing, 3600s);
  EXPECT_TRUE(beats().empty());
}

TEST_F(heartbeats_test, while_the_steps_wait_a_failed_one_of_a_long_hook_is_sent_again_soon) {
  begin(3600s);
  fleet.time.wait_for(fleet.hooks.find("web-fleet", "drain"));
  fleet.deny("autoscaling", "*", 8s);

  beat();
  fleet.time.run_for(20s);

  EXPECT_TRUE(begun);
}

TEST_F(heartbeats_test, one_that_is_slow_to_be_answered_is_not_sent_twice) {
  begin(30s);
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    const bool is_look = call.operation == "DescribeAutoScalingInstances";
    return is_look ? std::optional(shown_as("InService", about->instance)) : std::nullopt;
  };
  fleet.wire.slow = [](const seen_call& call) { return call.operation == heartbeat_call ? 9s : 0s; };

  beat();
  fleet.time.run_for(8500ms);

  EXPECT_EQ(beats().size(), 1U);
}

TEST_F(heartbeats_test, the_last_counts_from_when_it_was_sent) {
  begin(60s, 40s);
  fleet.wire.latency_back = 5s;

  beat();
  fleet.time.run_for(6s);

  ASSERT_TRUE(beating->accepted());
  EXPECT_EQ(beating->last_accepted(), began);
}

TEST_F(heartbeats_test, the_steps_may_begin_as_soon_as_one_is_accepted) {
  begin(60s, 40s);

  beat();
  fleet.time.run_for(0s);

  EXPECT_TRUE(begun);
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 0U);
}

TEST_F(heartbeats_test, the_steps_wait_while_aws_knows_no_action_and_shows_the_instance_in_service) {
  begin_for_an_instance_in_service();

  beat();
  fleet.time.run_for(59s);

  EXPECT_FALSE(begun);
  EXPECT_EQ(mine.overs, 0);
  EXPECT_EQ(beats().size(), 12U);
  fleet.time.run_for(2s);
  EXPECT_FALSE(begun);
  EXPECT_EQ(mine.overs, 1);
  fleet.time.run_for(1min);
  EXPECT_EQ(beats().size(), 13U);
}

TEST_F(heartbeats_test, the_steps_may_begin_when_the_instance_is_seen_in_the_wait_though_none_is_accepted) {
  begin(60s);
  refuse_heartbeats(100);

  beat();
  fleet.time.run_for(1s);

  EXPECT_TRUE(begun);
  EXPECT_EQ(mine.overs, 0);
}

TEST_F(heartbeats_test, an_outage_keeps_the_steps_of_an_instance_in_service_waiting) {
  begin_for_an_instance_in_service();
  fleet.deny("autoscaling", std::string(heartbeat_call), 10min);

  beat();
  fleet.time.run_for(5min);

  EXPECT_FALSE(begun);
  EXPECT_EQ(mine.overs, 0);
}

TEST_F(heartbeats_test, an_outage_of_everything_keeps_the_steps_waiting_for_a_minute_only) {
  begin(60s);
  fleet.deny("autoscaling", "*", 10min);

  beat();
  fleet.time.run_for(55s);
  EXPECT_FALSE(begun);
  fleet.time.run_for(15s);

  EXPECT_TRUE(begun);
  EXPECT_EQ(mine.overs, 0);
}

TEST_F(heartbeats_test, a_list_that_misses_an_instance_once_proves_nothing) {
  begin(60s);
  int misses = 0;
  fleet.wire.instead = [this, &misses](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "DescribeAutoScalingInstances") return std::nullopt;
    if (call.at - began < 60s || misses > 0) return shown_as("InService", about->instance);
    ++misses;
    return shown_as("InService", "i-0000000000000dead");
  };
  fleet.deny("autoscaling", "RecordLifecycleActionHeartbeat", 10min);

  beat();
  fleet.time.run_for(2min);

  EXPECT_EQ(misses, 1);
  EXPECT_EQ(mine.overs, 0);
}

TEST_F(heartbeats_test, what_aws_rejects_for_an_instance_in_service_is_over_after_a_minute) {
  begin_for_an_instance_in_service();
  reject_heartbeats();

  beat();
  fleet.time.run_for(70s);

  EXPECT_FALSE(begun);
  EXPECT_EQ(mine.overs, 1);
  EXPECT_LE(beats().size(), 60U);
}

TEST_F(heartbeats_test, what_aws_rejects_is_sent_again_with_backoff) {
  begin(3600s);
  reject_heartbeats();

  beat();
  fleet.time.run_for(2h);

  EXPECT_TRUE(begun) << "the instance is in the wait";
  EXPECT_GE(beats().size(), 4U);
  EXPECT_LE(beats().size(), 20U);
}

TEST_F(heartbeats_test, one_that_is_accepted_ends_the_backoff_of_those_that_were_rejected) {
  begin(3600s);
  std::size_t good = 8;
  fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
    const bool rejects = call.operation == heartbeat_call && fleet.wire.count(heartbeat_call) != good;
    return rejects ? std::optional(rejected_call()) : std::nullopt;
  };

  beat();
  ASSERT_TRUE(fleet.time.run_until([this] { return beats().size() == 10; }, 24h));

  const auto at = beats();
  EXPECT_LE(at[9] - at[8], 30s);
}

TEST_F(heartbeats_test, they_go_on_every_half_timeout_with_jitter) {
  begin(60s);

  beat();
  fleet.time.run_for(10min);

  const auto at = beats();
  ASSERT_GE(at.size(), 18U);
  std::set<duration> gaps;
  for (std::size_t i = 1; i < at.size(); ++i) {
    gaps.insert(at[i] - at[i - 1]);
    EXPECT_GE(at[i] - at[i - 1], 27s);
    EXPECT_LE(at[i] - at[i - 1], 33s);
  }
  EXPECT_GT(gaps.size(), 5U);
  EXPECT_FALSE(fleet.action_seen().ended.has_value());
}

TEST_F(heartbeats_test, a_failed_one_is_sent_again_well_before_the_timeout) {
  begin(60s);
  fleet.deny("autoscaling", std::string(heartbeat_call), 45s);

  beat();
  fleet.time.run_for(90s);

  EXPECT_GE(fleet.logged("heartbeat_failed").size(), 3U);
  ASSERT_FALSE(fleet.action_seen().heartbeats.empty());
  EXPECT_LE(fleet.action_seen().heartbeats.front() - began, 49s);
  EXPECT_FALSE(fleet.action_seen().ended.has_value());
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 1U) << "what has begun needs no other sign";
}

TEST_F(heartbeats_test, what_fails_is_said_ever_less_often_with_the_time_that_is_left) {
  begin(300s);
  fleet.deny("autoscaling", std::string(heartbeat_call), 10min);

  beat();
  fleet.time.run_for(280s);

  const auto tries = fleet.wire.count(heartbeat_call);
  ASSERT_GE(tries, 7U);
  const auto said = fleet.logged("heartbeat_failed");
  EXPECT_LT(said.size(), tries);
  EXPECT_EQ(said[1].at("attempt").as_int64(), 2);
  EXPECT_EQ(said[1].at("meaning").as_string(), "denied");
  EXPECT_GT(said[1].at("ends_in_seconds").to_number<double>(), 0);
  ASSERT_TRUE(beating->failing());
  EXPECT_EQ(beating->failing()->tries, tries);
  EXPECT_LE(*beating->until_end(), 25s);
  EXPECT_TRUE(fleet.logged("timer_ran_out").empty());

  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.logged("timer_ran_out").size(), 1U);
}

TEST_F(heartbeats_test, one_that_is_throttled_is_said_to_be_late_before_the_hook_ends) {
  begin(120s);
  throttle_heartbeats();

  beat();
  fleet.time.run_for(89s);
  EXPECT_TRUE(fleet.logged("heartbeat_late").empty());
  fleet.time.run_for(5s);

  EXPECT_EQ(fleet.logged("heartbeat_late").size(), 1U);
  ASSERT_TRUE(beating->failing());
  EXPECT_TRUE(beating->failing()->is_late);
  EXPECT_NE(counted().find(R"(lifehook_heartbeats_total{group="web",outcome="late"} 1)"), std::string::npos);
}

TEST_F(heartbeats_test, a_hook_that_ended_for_want_of_one_is_said_to_when_aws_answers_again) {
  begin(60s);
  fleet.deny("autoscaling", std::string(heartbeat_call), 59s);

  beat();
  fleet.time.run_for(90s);

  EXPECT_EQ(mine.overs, 1);
  ASSERT_EQ(fleet.logged("timer_ran_out").size(), 1U);
  EXPECT_NE(fleet.logged("timer_ran_out").front().at("error").as_string().find("AccessDenied"), std::string::npos);
}

TEST_F(heartbeats_test, what_is_not_known_of_the_timer_is_not_said) {
  begin(3600s);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 10min);
  fleet.deny("autoscaling", std::string(heartbeat_call), 10min);

  beat();
  fleet.time.run_for(2min);

  ASSERT_TRUE(beating->failing());
  EXPECT_EQ(beating->until_end(), std::nullopt);
  EXPECT_FALSE(fleet.logged("heartbeat_failed").back().contains("ends_in_seconds"));
  EXPECT_TRUE(fleet.logged("timer_ran_out").empty());
  EXPECT_TRUE(fleet.logged("heartbeat_late").empty());
}

TEST_F(heartbeats_test, one_that_fails_as_they_end_is_nobodys_to_tell) {
  begin(60s);
  beat();
  fleet.time.run_for(1s);
  fleet.wire.latency_back = 1s;
  fleet.deny("autoscaling", std::string(heartbeat_call), 1min);
  auto parting = beating->part(give_up::stop);
  std::optional<bool> failed;
  fleet.time.tasks.spawn(
      [](auto of, auto& to) -> task<> { to = (co_await std::move(of)).has_error(); }(std::move(parting), failed));
  fleet.time.run_for(500ms);

  beating.reset();

  fleet.time.run_for(5s);
  EXPECT_EQ(failed, true);
}

TEST_F(heartbeats_test, one_that_is_accepted_ends_what_was_said_of_those_before) {
  begin(60s);
  fleet.deny("autoscaling", std::string(heartbeat_call), 40s);

  beat();
  fleet.time.run_for(38s);
  EXPECT_TRUE(beating->failing());
  fleet.time.run_for(20s);

  EXPECT_FALSE(beating->failing());
}

TEST_F(heartbeats_test, while_the_timing_is_unknown_they_come_every_fifteen_seconds) {
  begin(3600s);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 10min);

  beat();
  fleet.time.run_for(5min);

  EXPECT_EQ(mine.timing, std::nullopt);
  EXPECT_EQ(beating->timeout(), 30s);
  EXPECT_GE(beats().size(), 19U);
  EXPECT_LE(beats().size(), 23U);
}

TEST_F(heartbeats_test, the_timing_is_asked_for_until_it_is_known_and_then_sets_the_pace) {
  begin(3600s);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 2min);
  beat();
  fleet.time.run_for(3min);
  EXPECT_EQ(mine.timing, 3600s);
  const auto before = beats().size();

  fleet.time.run_for(20min);

  EXPECT_EQ(beats().size(), before);
}

TEST_F(heartbeats_test, a_hook_that_aws_lists_late_has_its_timing_learnt_and_its_pace_set_by_it) {
  begin(3600s);
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    const bool is_early = call.operation == "DescribeLifecycleHooks" && fleet.wire.count(call.operation) == 1;
    return is_early ? std::optional(aws::http_response{
                          200,
                          {},
                          "<DescribeLifecycleHooksResponse><DescribeLifecycleHooksResult><LifecycleHooks/>"
                          "</DescribeLifecycleHooksResult></DescribeLifecycleHooksResponse>"})
                    : std::nullopt;
  };
  beat();
  fleet.time.run_for(1s);
  ASSERT_EQ(mine.timing, std::nullopt);

  fleet.time.run_for(2min);

  EXPECT_EQ(mine.timing, 3600s);
  const auto before = beats().size();
  fleet.time.run_for(20min);
  EXPECT_EQ(beats().size(), before);
}

// AWS's timer runs by the new timeout from the next heartbeat on.
TEST_F(heartbeats_test, a_timeout_that_is_shortened_meanwhile_is_learned_within_a_minute) {
  begin(3600s);
  beat();
  fleet.time.run_for(31min);
  ASSERT_EQ(beats().size(), 1U);

  fleet.world.autoscaling().put_hook("web-fleet", {.name = "drain", .heartbeat_timeout = 300s});
  fleet.time.run_for(61s);
  EXPECT_EQ(mine.timing, 300s);
  fleet.time.run_for(3h);

  EXPECT_FALSE(fleet.action_seen().ended.has_value());
  EXPECT_GT(beats().size(), 60U);
}

TEST_F(heartbeats_test, a_timeout_that_was_shortened_just_before_a_heartbeat_is_learned_ten_seconds_after_it) {
  begin(3600s);
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == heartbeat_call && mine.timing == 3600s)
      fleet.world.autoscaling().put_hook("web-fleet", {.name = "drain", .heartbeat_timeout = 30s});
    return std::nullopt;
  };

  beat();
  while (beats().empty()) fleet.time.run_for(1s);
  fleet.time.run_for(11s);
  EXPECT_EQ(mine.timing, 30s);
  fleet.time.run_for(10min);

  EXPECT_FALSE(fleet.action_seen().ended.has_value());
}

TEST_F(heartbeats_test, a_timeout_that_was_shortened_since_it_was_read_is_learned_by_a_hook_that_begins) {
  fleet.furnish(2, 3600s);
  ASSERT_TRUE(fleet.time.wait_for(fleet.hooks.find("web-fleet", "drain")).has_value());
  fleet.time.run_for(4min);
  fleet.world.autoscaling().put_hook("web-fleet", {.name = "drain", .heartbeat_timeout = 30s});
  about = fleet.begin_termination();
  mine.clock = &fleet.time.clock;
  mine.event_time = fleet.time.clock.now();

  beat();
  fleet.time.run_for(1s);
  EXPECT_EQ(mine.timing, 30s);
  fleet.time.run_for(10min);

  EXPECT_FALSE(fleet.action_seen().ended.has_value());
}

TEST_F(heartbeats_test, a_timeout_that_is_lengthened_meanwhile_is_no_reason_to_beat_less_often) {
  begin(60s);
  beat();
  fleet.time.run_for(2min);
  const auto before = beats().size();

  fleet.world.autoscaling().put_hook("web-fleet", {.name = "drain", .heartbeat_timeout = 3600s});
  fleet.time.run_for(10min);

  EXPECT_FALSE(fleet.action_seen().ended.has_value());
  EXPECT_GT(beats().size(), before + 15);
}

TEST_F(heartbeats_test, a_timeout_is_not_looked_at_again_once_they_have_ended) {
  begin(60s);
  beat();
  fleet.time.run_for(5min);
  EXPECT_GE(fleet.wire.count("DescribeLifecycleHooks"), 5U);

  beating.reset();
  const auto before = fleet.wire.count("DescribeLifecycleHooks");
  fleet.time.run_for(1h);

  EXPECT_EQ(fleet.wire.count("DescribeLifecycleHooks"), before);
}

TEST_F(heartbeats_test, what_they_will_ask_is_known_as_long_as_they_go_on) {
  begin(60s);
  beat();
  fleet.time.run_for(1s);

  EXPECT_NEAR(fleet.services.demand.a_second(), 1 / 30.0, 1e-9) << "two in each timeout";
  beating.reset();
  fleet.time.run_for(1min);
  EXPECT_NEAR(fleet.services.demand.a_second(), 0, 1e-9);
}

TEST_F(heartbeats_test, a_timing_that_is_known_already_costs_no_call) {
  begin(60s);
  fleet.time.wait_for(fleet.hooks.find("web-fleet", "drain"));

  beat();

  EXPECT_EQ(mine.timing, 60s);
  fleet.time.run_for(1s);
  EXPECT_EQ(fleet.wire.count("DescribeLifecycleHooks"), 1U);
}

TEST_F(heartbeats_test, end_with_their_owner) {
  begin(60s, 40s);
  beat();
  fleet.time.run_for(40s);
  const auto before = beats().size();
  ASSERT_EQ(before, 2U);

  beating.reset();
  fleet.time.run_for(10min);

  EXPECT_EQ(beats().size(), before);
}

TEST_F(heartbeats_test, one_on_its_way_when_the_owner_goes_is_the_last) {
  begin(60s, 40s);
  fleet.wire.latency = 5s;
  refuse_heartbeats(100);
  beat();
  fleet.time.run_for(2s);
  ASSERT_EQ(beats().size(), 1U);

  beating.reset();
  fleet.time.run_for(10min);

  EXPECT_EQ(beats().size(), 1U);
  EXPECT_EQ(mine.overs, 0) << "nobody is there to be told";
}

TEST_F(heartbeats_test, none_follows_a_refused_one_whose_owner_goes_during_the_look_at_the_instance) {
  begin(60s, 40s);
  refuse_heartbeats(100);
  fleet.wire.slow = [](const seen_call& call) { return call.operation == "DescribeAutoScalingInstances" ? 9s : 0s; };
  beat();
  fleet.time.run_for(2s);
  ASSERT_EQ(beats().size(), 1U);

  beating.reset();
  fleet.time.run_for(10min);

  EXPECT_EQ(beats().size(), 1U);
}

TEST_F(heartbeats_test, the_search_for_the_timing_ends_with_the_owner) {
  begin(60s);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 1h);
  beat();
  fleet.time.run_for(5s);

  beating.reset();
  const auto before = fleet.wire.count("DescribeLifecycleHooks");
  fleet.time.run_for(10min);

  EXPECT_EQ(fleet.wire.count("DescribeLifecycleHooks"), before);
}

TEST_F(heartbeats_test, no_active_action_on_a_young_event_means_that_aws_has_not_caught_up) {
  begin(60s, 40s);
  refuse_heartbeats(3);

  beat();
  fleet.time.run_for(15s);

  EXPECT_EQ(beats(), (std::vector<duration>{0s, 5s, 10s}));
  EXPECT_EQ(mine.overs, 0);
  EXPECT_TRUE(beating->accepted());
}

TEST_F(heartbeats_test, no_active_action_means_over_when_the_instance_is_not_on_its_way_into_the_wait) {
  begin(60s, 40s);
  about->instance = "i-0000000000000dead";
  refuse_heartbeats(100);

  beat();
  fleet.time.run_for(5min);

  EXPECT_EQ(beats().size(), 1U);
  EXPECT_EQ(mine.overs, 1);
}

TEST_F(heartbeats_test, no_active_action_means_over_once_a_heartbeat_was_accepted) {
  begin(60s, 40s);
  fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == heartbeat_call && fleet.wire.count(heartbeat_call) > 1) return no_active_action();
    return std::nullopt;
  };
  beat();
  fleet.time.run_for(20s);
  ASSERT_TRUE(beating->accepted());
  ASSERT_EQ(fleet.world.autoscaling().lifecycle_state(about->instance), "Terminating:Wait");

  fleet.time.run_for(5min);

  EXPECT_EQ(beats().size(), 2U);
  EXPECT_EQ(mine.overs, 1);
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 0U);
}

TEST_F(heartbeats_test, no_active_action_on_an_old_event_means_over_without_another_look) {
  begin(60s, 61s);
  refuse_heartbeats(100);

  beat();
  fleet.time.run_for(5min);

  EXPECT_EQ(beats().size(), 1U);
  EXPECT_EQ(mine.overs, 1);
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 0U);
}

TEST_F(heartbeats_test, an_outage_of_the_look_at_the_instance_is_not_over) {
  begin(60s, 40s);
  refuse_heartbeats(3);
  fleet.deny("autoscaling", "DescribeAutoScalingInstances", 1h);

  beat();
  fleet.time.run_for(15s);

  EXPECT_EQ(mine.overs, 0);
  EXPECT_TRUE(beating->accepted());
}

TEST_F(heartbeats_test, one_sent_out_of_turn_puts_off_the_next_by_half_a_timeout) {
  begin(60s, 40s);
  beat();
  fleet.time.run_for(20s);

  EXPECT_TRUE(fleet.time.wait_for(beating->part(give_up::stop)).has_value());
  fleet.time.run_for(35s);

  const auto at = beats();
  ASSERT_EQ(at.size(), 3U);
  EXPECT_EQ(at[1], 20s);
  EXPECT_GE(at[2], 47s);
  EXPECT_LE(at[2], 53s);
}

TEST_F(heartbeats_test, one_that_fails_out_of_turn_is_sent_again_soon) {
  begin(60s);
  beat();
  fleet.time.run_for(20s);
  fleet.deny("autoscaling", std::string(heartbeat_call), 1s);

  EXPECT_TRUE(fleet.time.wait_for(beating->part(give_up::stop)).has_error());
  fleet.time.run_for(10s);

  const auto at = beats();
  EXPECT_EQ(beating->last_accepted(), began + at.back());
  EXPECT_LE(at.back(), 25s);
}

TEST_F(heartbeats_test, one_that_waits_for_its_turn_gives_it_up_when_they_end) {
  begin(60s, 40s);
  throttle_heartbeats();
  beat();
  fleet.time.run_for(10s);
  const auto sent = beats().size();
  ASSERT_GE(sent, 1U);
  ASSERT_THAT(fleet.client.throttled_so_far(), testing::SizeIs(1));

  beating.reset();
  fleet.time.run_for(1min);

  EXPECT_EQ(beats().size(), sent);
  EXPECT_NE(counted().find(R"(lifehook_heartbeats_total{group="web",outcome="late"} 1)"), std::string::npos);
  for (const auto* outcome : {"done", "gone", "denied", "timeout", "failed"})
    EXPECT_EQ(counted().find(fmt::format("outcome=\"{}\"", outcome)), std::string::npos) << "it never was one";
}

TEST_F(heartbeats_test, one_on_the_wire_is_not_cut_when_they_end) {
  begin(60s, 40s);
  fleet.wire.latency_back = 2s;
  beat();
  fleet.time.run_for(1s);

  beating.reset();
  fleet.time.run_for(5s);

  EXPECT_NE(counted().find("lifehook_heartbeats_total{group=\"web\",outcome=\"done\"} 1"), std::string::npos);
}

TEST_F(heartbeats_test, one_on_the_wire_that_is_throttled_after_they_have_ended_is_not_sent_again) {
  begin(60s, 40s);
  throttle_heartbeats();
  fleet.wire.slow = [](const seen_call&) { return 2s; };
  beat();
  fleet.time.run_for(1s);

  beating.reset();
  fleet.time.run_for(1min);

  EXPECT_EQ(beats().size(), 1U);
}

// As many calls of other hooks are under way as may be at once.
struct heartbeats_in_line : heartbeats_test {
  void expect_one_more_while_it_is_under_way(duration until_the_line_is_full, duration meanwhile) {
    beat();
    fleet.time.run_for(until_the_line_is_full);
    ASSERT_EQ(beats().size(), 1U);

    fill(fleet.lines.beats);
    fleet.time.run_for(meanwhile);

    EXPECT_TRUE(begun) << "the look has told when the next is due";
    EXPECT_EQ(beats().size(), 2U) << "the first is not answered yet";
  }
  void fill(turnstile& line) {
    while (!line.is_full()) others.push_back(std::make_unique<turnstile::visit>(line, [] {}));
  }

  std::vector<std::unique_ptr<turnstile::visit>> others;
};

TEST_F(heartbeats_in_line, go_when_it_is_their_turn) {
  begin(320s, 200s);
  fill(fleet.lines.beats);
  beat();
  fleet.time.run_for(1s);
  EXPECT_EQ(beats().size(), 0U);

  others.pop_back();
  fleet.time.run_for(1s);

  EXPECT_EQ(beats().size(), 1U);
  EXPECT_FALSE(fleet.lines.beats.is_full()) << "it gave its place back";
}

TEST_F(heartbeats_in_line, go_once_a_sixteenth_of_what_their_hook_has_left_is_over) {
  begin(320s, 200s);
  fill(fleet.lines.beats);
  beat();

  fleet.time.run_for(7s);
  EXPECT_EQ(beats().size(), 0U);
  fleet.time.run_for(1s);

  EXPECT_EQ(beats().size(), 1U);
}

TEST_F(heartbeats_in_line, of_a_short_hook_do_not_stand_there) {
  begin(60s, 40s);
  fill(fleet.lines.beats);

  beat();
  fleet.time.run_for(1ms);

  EXPECT_EQ(beats().size(), 1U);
}

// As often as behind no line: half of the timeout has room for eight more tries.
TEST_F(heartbeats_in_line, that_failed_do_not_stand_there_again) {
  begin(320s, 200s);
  fleet.deny("autoscaling", std::string(heartbeat_call), 1h);
  beat();

  for (int i = 0; i < 21; ++i) {
    fleet.time.run_for(5s);
    others.clear();
    fill(fleet.lines.beats);
  }

  EXPECT_EQ(beats().size(), 7U) << "every 20 s, and once 5 s after the first";
}

TEST_F(heartbeats_in_line, leave_it_when_they_end) {
  begin(320s, 200s);
  fill(fleet.lines.beats);
  beat();
  fleet.time.run_for(1s);

  beating.reset();
  others.clear();
  fleet.time.run_for(1min);

  EXPECT_EQ(beats().size(), 0U);
}

TEST_F(heartbeats_in_line, leave_it_when_they_end_though_a_look_goes_on) {
  begin(320s, 95s);
  fleet.wire.slow = [](const seen_call& call) { return call.operation == "DescribeAutoScalingInstances" ? 100s : 0s; };
  beat();
  fleet.time.run_for(79s);
  fill(fleet.lines.beats);
  fleet.time.run_for(2s);
  ASSERT_EQ(fleet.lines.beats.waiting(), 1U);

  beating.reset();
  others.clear();
  fleet.time.run_for(1min);

  EXPECT_EQ(beats().size(), 0U);
}

TEST_F(heartbeats_in_line, do_not_keep_one_back_that_goes_before_a_requeue) {
  begin(320s, 200s);
  fill(fleet.lines.beats);
  beat();
  fleet.time.run_for(1s);

  EXPECT_TRUE(fleet.time.wait_for(beating->part(give_up::stop)).has_value());
  others.clear();
  fleet.time.run_for(1s);

  EXPECT_EQ(beats().size(), 1U) << "the one in line would be a second";
}

TEST_F(heartbeats_in_line, are_proven_when_it_is_the_turn_of_their_look) {
  begin(60s);
  fill(fleet.lines.proofs);
  beat();
  fleet.time.run_for(1s);
  EXPECT_FALSE(begun);
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 0U);

  others.pop_back();
  fleet.time.run_for(1s);

  EXPECT_TRUE(begun);
  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 1U);
  EXPECT_FALSE(fleet.lines.proofs.is_full());
}

TEST_F(heartbeats_in_line, are_proven_by_a_heartbeat_where_the_turn_of_their_look_does_not_come_in_time) {
  begin(60s);
  fill(fleet.lines.proofs);
  beat();

  fleet.time.run_for(16s);
  EXPECT_TRUE(begun);
  others.clear();
  fleet.time.run_for(1s);

  EXPECT_EQ(fleet.wire.count("DescribeAutoScalingInstances"), 0U) << "nobody needs it any more";
}

TEST_F(heartbeats_in_line, of_a_short_hook_go_once_while_the_one_before_is_under_way) {
  begin(30s, 5s);
  const auto now = fleet.time.clock.now();
  const auto slow = simulator::fault_kind::delay;
  fleet.world.faults().add({slow, "autoscaling", "DescribeAutoScalingInstances", 1.0, now, now + 1h, 8s});
  fleet.world.faults().add({slow, "autoscaling", std::string(heartbeat_call), 1.0, now, now + 1h, 1min});
  expect_one_more_while_it_is_under_way(7900ms, 3500ms);
}

TEST_F(heartbeats_in_line, of_a_long_hook_take_the_place_of_the_one_before_once_while_it_is_under_way) {
  begin(320s, 95s);
  fleet.wire.slow = [](const seen_call& call) {
    return call.operation == heartbeat_call ? 9s : call.operation == "DescribeAutoScalingInstances" ? 81s : 0s;
  };
  expect_one_more_while_it_is_under_way(80500ms, 4s);
}

// As they are where there are no credentials: nothing is asked, and nobody waits.
TEST_F(heartbeats_in_line, thousands_that_fail_at_once_do_not_go_deep) {
  begin(320s, 200s);
  fleet.time.wait_for(fleet.hooks.find(about->group, about->hook));
  reject_heartbeats();
  fill(fleet.lines.beats);
  std::list<heartbeats> thousands;
  std::vector<std::shared_ptr<latch>> proofs;
  for (int i = 0; i < 5'000; ++i)
    proofs.push_back(thousands.emplace_back(fleet.services, mine, about, "web", fleet.log).begin());
  fleet.time.run_for(1s);
  EXPECT_EQ(beats().size(), 0U);

  asio::post(fleet.time.io, [this] { others.clear(); });
  fleet.time.run_for(0s);

  EXPECT_EQ(beats().size(), 5'000U);
}

}  // namespace
}  // namespace lifehook::handlers
