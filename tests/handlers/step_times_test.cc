#include "handlers/step_times.h"

#include "tests/handlers/hook_stage.h"
#include "tests/handlers/step_stage.h"
#include "tests/handlers/watched_store.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr time_point noon = std::chrono::sys_days(std::chrono::January / 15 / 2026) + 12h;

TEST(step_times, are_of_one_step_of_one_action) {
  event about;
  about.instance = "i-1";
  about.hook = "drain";
  about.destination = place::warm_pool;
  about.token = "7a5c0e1d-1111-4222-8333-444455556666";
  auto next = about;
  next.token = "8b5c0e1d-1111-4222-8333-444455556666";

  EXPECT_EQ(time_key(about, noon, "drain_ecs/1.1"), time_key(about, noon + 1s, "drain_ecs/1.1")) << "a copy of it";
  EXPECT_NE(time_key(about, noon, "drain_ecs/1.1"), time_key(about, noon, "drain_ecs/2.1"));
  EXPECT_NE(time_key(about, noon, "drain_ecs/1.1"), time_key(next, noon, "drain_ecs/1.1"));
  EXPECT_EQ(time_key(about, noon, "drain_ecs/1.1").find(about.token), std::string::npos) << "never a whole token";
}

TEST(step_times, of_two_state_changes_in_one_second_are_told_apart) {
  event about;
  about.kind = event_kind::state_change;
  about.instance = "i-1";
  about.detail = "shutting-down";
  const auto first = time_key(about, time_point(), "wait/1.1");

  about.detail = "terminated";

  EXPECT_NE(time_key(about, time_point(), "wait/1.1"), first);
}

TEST(step_times, are_told_apart_by_the_events_time_where_there_is_no_token) {
  event about;
  about.kind = event_kind::spot_interruption;
  about.instance = "i-1";

  EXPECT_NE(time_key(about, noon, "drain_ecs/1.1"), time_key(about, noon + 1h, "drain_ecs/1.1"));
}

// A hook that one hand holds for twenty seconds only.
struct held_briefly : testing::Test {
  held_briefly() {
    fleet.furnish(1, 60s);
    hook.emplace(fleet);
    hook->under.hold_until = hook->under.received + 20s;
    began = fleet.time.clock.now();
  }
  duration took() const { return fleet.time.clock.now() - began; }
  std::string run_a_standalone_task() { return fleet.world.ecs().run_task("prod", "report", hook->about->instance); }
  // By each step that ended, in the hand it ended in.
  std::vector<double> seconds_taken() const {
    std::vector<double> all;
    for (const auto& each : fleet.logged("step_ended")) all.push_back(each.at("took_seconds").to_number<double>());
    return all;
  }
  // Of a step that never ends and has 40 s, for an event without a hook: its first hand holds it for a while. The
  // second one's clock may be ahead of AWS's.
  std::vector<double> seconds_taken_in_two_hands(duration hold, duration ahead = 0s) {
    auto about = fleet.spot(fleet.an_instance());
    about.kind = event_kind::rebalance_recommendation;
    fleet.service.deadline = 3min;
    const plan list{{{wait_step(30min, 40s)}}};
    auto under = fleet.terms();
    under.hold_until = under.received + hold;
    const auto given_back = fleet.attend(list, about, fleet.services, under);
    EXPECT_EQ(given_back.what, verdict::kind::requeue);
    fleet.time.run_for(given_back.delay);
    fleet.time.clock.differ(ahead);
    auto again = fleet.terms();
    again.first_received = under.first_received + ahead;
    again.clock_ahead = -ahead;
    again.came_before = true;
    fleet.attend(list, about, fleet.services, again);
    return seconds_taken();
  }
  static step_plan going_on(step_plan plan) {
    plan.failure = on_error::next;
    return plan;
  }

  step_stage fleet;
  std::optional<hook_in_hand> hook;
  time_point began;
};

TEST_F(held_briefly, a_step_runs_out_of_time_at_its_timeout_however_often_its_message_was_given_back) {
  const auto end = hook->attend_to_the_end({{{wait_step(30min, 2min)}}});

  EXPECT_EQ(end.how, outcome::timeout);
  EXPECT_EQ(fleet.outcomes_of("step_ended"), std::vector<std::string>{"timeout"});
  EXPECT_GE(fleet.logged("given_back").size(), 2U);
  EXPECT_GE(took(), 2min);
  EXPECT_LE(took(), 2min + 15s) << "the queue had the message for a quarter of the hook's timeout at most";
}

TEST_F(held_briefly, a_step_that_ran_out_of_time_leaves_the_rest_of_its_list_the_time_it_needs) {
  const auto end = hook->attend_to_the_end({{{going_on(wait_step(30min, 1min))}}, {{wait_step(3min)}}});

  EXPECT_EQ(end.how, outcome::timeout);
  EXPECT_EQ(fleet.outcomes_of("step_ended").back(), "done");
  EXPECT_GE(took(), 3min);
  EXPECT_LE(took(), 3min + 15s);
}

TEST_F(held_briefly, a_step_that_ended_well_is_not_too_late_when_its_list_is_run_again) {
  auto drain = drain_step();
  drain.timeout = 1min;
  const auto task = run_a_standalone_task();
  alarm later(fleet.time.clock);
  later.set(30s, [&] { fleet.world.ecs().stop_task(task); });

  const auto end = hook->attend_to_the_end({{{drain}}, {{wait_step(3min)}}});

  EXPECT_EQ(end.how, outcome::done);
  EXPECT_GE(fleet.outcomes_of("step_ended").size(), 3U) << "it was run again";
}

TEST_F(held_briefly, a_step_that_ended_well_has_all_of_its_time_for_what_is_there_when_its_list_is_run_again) {
  auto drain = drain_step();
  drain.timeout = 1min;
  const auto first = run_a_standalone_task();
  std::string second;
  alarm first_ends(fleet.time.clock);
  alarm second_begins(fleet.time.clock);
  alarm second_ends(fleet.time.clock);
  first_ends.set(30s, [&] { fleet.world.ecs().stop_task(first); });
  second_begins.set(100s, [&] { second = run_a_standalone_task(); });
  second_ends.set(140s, [&] { fleet.world.ecs().stop_task(second); });

  const auto end = hook->attend_to_the_end({{{drain}}, {{wait_step(3min)}}});

  EXPECT_EQ(end.how, outcome::done);
}

TEST_F(held_briefly, a_step_that_ended_in_its_first_hand_costs_the_state_nothing) {
  watched_store hangs(fleet.time.clock, *fleet.state, 10h);
  auto with = fleet.replica(hangs);

  const auto given_back = hook->attend({{{wait_step(5s, 10s)}}, {{wait_step(3min)}}}, with);

  EXPECT_EQ(given_back.what, verdict::kind::requeue);
  EXPECT_TRUE(fleet.logged("step_time_not_noted").empty());
}

TEST_F(held_briefly, an_outage_is_not_the_steps_time_though_its_message_was_given_back_in_it) {
  auto drain = drain_step();
  drain.timeout = 1min;
  const auto task = run_a_standalone_task();
  fleet.time.run_for(15s);
  fleet.deny("ecs", "*", 4min);
  alarm later(fleet.time.clock);
  later.set(4min + 20s, [&] { fleet.world.ecs().stop_task(task); });

  const auto end = hook->attend_to_the_end({{{drain}}});

  EXPECT_EQ(end.how, outcome::done);
  EXPECT_GE(took(), 4min + 20s);
}

TEST_F(held_briefly, a_state_that_does_not_answer_neither_holds_nor_fails_a_step) {
  watched_store hangs(fleet.time.clock, *fleet.state, 10h);
  auto with = fleet.replica(hangs);

  const auto end = hook->attend_to_the_end({{{wait_step(90s, 70s)}}}, with);

  EXPECT_EQ(end.how, outcome::done) << "its time began anew at every receive";
  EXPECT_LE(took(), 90s + 20s);
  EXPECT_FALSE(fleet.logged("step_time_not_noted").empty());
  EXPECT_FALSE(fleet.logged("step_time_not_read").empty());
}

TEST_F(held_briefly, a_step_without_a_timeout_costs_the_state_nothing) {
  watched_store hangs(fleet.time.clock, *fleet.state, 10h);
  auto with = fleet.replica(hangs);

  EXPECT_EQ(hook->attend_to_the_end({{{wait_step(90s)}}}, with).how, outcome::done);

  EXPECT_TRUE(fleet.logged("step_time_not_noted").empty());
  EXPECT_TRUE(fleet.logged("step_time_not_read").empty());
}

TEST_F(held_briefly, a_step_goes_on_in_its_time_after_the_worker_was_stopped) {
  const plan list{{{wait_step(30min, 1min)}}};
  hook->under.hold_until = hook->under.received + 1h;

  const auto stopped = hook->attend_until(50s, give_up::stop, list);
  hook->come_again(stopped);
  const auto end = hook->attend(list);

  EXPECT_EQ(end.how, outcome::timeout);
  EXPECT_EQ(took(), 1min);
}

TEST_F(held_briefly, a_drain_is_done_when_its_tasks_ended_in_the_queue_though_its_time_was_used_up_there) {
  auto drain = drain_step();
  drain.timeout = 1min;
  const auto task = run_a_standalone_task();
  hook->under.hold_until = hook->under.received + 1h;

  const auto stopped = hook->attend_until(50s, give_up::stop, {{{drain}}});
  fleet.world.ecs().stop_task(task);
  fleet.time.run_for(20s);
  hook->come_again(stopped);
  const auto end = hook->attend({{{drain}}});

  EXPECT_GE(took(), 1min);
  EXPECT_EQ(end.how, outcome::done);
}

TEST_F(held_briefly, a_step_that_ran_out_of_time_is_passed_at_once_when_its_list_is_run_again) {
  hook->attend_to_the_end({{{going_on(wait_step(30min, 15s))}}, {{wait_step(1min)}}});

  ASSERT_GE(fleet.logged("given_back").size(), 1U);
  const auto took = seconds_taken();
  ASSERT_GE(took.size(), 2U);
  EXPECT_EQ(took[0], 15);
  EXPECT_EQ(took[1], 0) << "by the next hand";
}

TEST_F(held_briefly, every_try_of_an_events_list_has_its_own_time) {
  const auto took = seconds_taken_in_two_hands(20s);

  ASSERT_GE(took.size(), 2U);
  EXPECT_EQ(took[0], 0) << "it had begun before";
  EXPECT_EQ(took[1], 40);
}

TEST_F(held_briefly, another_hand_whose_clock_is_behind_gives_a_step_no_time_back) {
  const auto took = seconds_taken_in_two_hands(20s, -15min);

  ASSERT_GE(took.size(), 2U);
  EXPECT_EQ(took[0], 0) << "it had begun before";
}

TEST_F(held_briefly, every_try_of_an_events_list_has_its_own_time_in_another_hand_too) {
  const auto took = seconds_taken_in_two_hands(40s);

  ASSERT_GE(took.size(), 2U);
  EXPECT_EQ(took[0], 40);
  EXPECT_EQ(took[1], 40);
}

}  // namespace
}  // namespace lifehook::handlers
