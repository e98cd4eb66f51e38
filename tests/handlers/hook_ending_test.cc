#include "handlers/hook_ending.h"

#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr duration grace = 15s;

// A hook of 60 s whose event is 20 s old.
struct hook_ending_test : testing::Test, heartbeats::listener {
  hook_ending_test() {
    fleet.furnish(1, 60s);
    about = fleet.begin_termination();
    about->time = fleet.time.clock.now() - 20s;
    to.name = "web";
    keeps.emplace(fleet.terms());
    hook.emplace(occasion{fleet.services, to, about, *keeps, fleet.log}, *about->time, fleet.time.clock.now() + 10min);
  }
  ~hook_ending_test() override { hook->beats.reset(); }
  void timing_known(const aws::lifecycle_hook& of) override { hook->global_timeout = of.global_timeout; }
  void timeout_shortened(duration) override {}
  void action_over() override {}
  duration event_age() const override { return hook->age(); }
  bool came_before() const override { return keeps->with().came_before; }

  void keep_open() {
    fleet.time.wait_for(fleet.hooks.find("web-fleet", "drain"));
    hook->beats.emplace(fleet.services, *this, about, "web", fleet.log);
  }
  void come_before() {
    auto terms = fleet.terms();
    terms.came_before = true;
    keeps.emplace(terms);
  }
  duration from_now() { return default_applied(*hook) - fleet.time.clock.now(); }

  fleet_stage fleet;
  std::shared_ptr<event> about;
  group to;
  std::optional<tenure> keeps;
  std::optional<open_hook> hook;
};

TEST_F(hook_ending_test, a_default_is_applied_a_timeout_after_the_event_where_no_heartbeat_was_accepted) {
  keep_open();

  EXPECT_EQ(from_now(), 60s - 20s + grace);
}

TEST_F(hook_ending_test, a_default_is_applied_a_timeout_after_the_last_heartbeat) {
  keep_open();
  ASSERT_TRUE(fleet.time.wait_for(hook->beats->part(give_up::stop)).has_value());
  fleet.time.run_for(5s);

  EXPECT_EQ(from_now(), 60s - 5s + grace);
}

TEST_F(hook_ending_test, of_a_message_that_came_before_another_worker_may_have_sent_one_just_now) {
  come_before();
  keep_open();

  EXPECT_EQ(from_now(), 60s + grace);
}

TEST_F(hook_ending_test, a_default_is_applied_at_the_global_timeout_at_the_latest) {
  keep_open();
  hook->global_timeout = 30s;

  EXPECT_EQ(from_now(), 30s - 20s + grace);
}

TEST_F(hook_ending_test, of_a_hook_whose_timing_is_unknown_the_longest_is_taken) {
  keep_open();
  hook->global_timeout.reset();
  EXPECT_EQ(from_now(), 2h - 20s + grace);

  hook->beats.reset();
  EXPECT_EQ(from_now(), 2h + grace) << "nor is it known when its last heartbeat was sent";
}

TEST_F(hook_ending_test, one_that_is_over_when_it_is_to_be_completed_was_completed_by_another_while_its_time_lasts) {
  keep_open();
  ASSERT_TRUE(fleet.time.wait_for(hook->beats->part(give_up::stop)).has_value());
  fleet.time.run_for(20s);

  const auto how = over_before_completed(*hook, outcome::done);

  EXPECT_EQ(how.result, "over");
  EXPECT_EQ(how.ran, outcome::gone);
}

TEST_F(hook_ending_test, and_has_ended_early_once_its_time_may_have_run_out_while_the_completion_waited) {
  keep_open();
  fleet.time.clock.advance(40s);

  const auto how = over_before_completed(*hook, outcome::done);

  EXPECT_EQ(how.result, "ended_early");
  EXPECT_EQ(how.ran, outcome::lost);
  EXPECT_EQ(over_before_completed(*hook, outcome::denied).ran, outcome::denied);
}

TEST_F(hook_ending_test, was_missed_where_its_message_lay_in_the_queue_for_as_long_as_its_timer) {
  for (const auto lay : {59s, 60s}) {
    auto terms = fleet.terms();
    terms.sent -= lay;
    keeps.emplace(terms);
    keep_open();

    EXPECT_EQ(over_before_begun(*hook).result, lay == 60s ? "ended_early" : "over") << lay.count();
  }
}

// EventBridge was late, or it comes back from the dead letters.
TEST_F(hook_ending_test, was_not_missed_where_its_message_came_late) {
  hook->event_time -= 1h;
  keep_open();

  EXPECT_EQ(over_before_begun(*hook).result, "over");
}

TEST_F(hook_ending_test, is_not_said_to_be_missed_while_its_timer_is_not_known) {
  auto terms = fleet.terms();
  terms.sent -= 1h;
  keeps.emplace(terms);
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 1h);
  hook->beats.emplace(fleet.services, *this, about, "web", fleet.log);

  EXPECT_EQ(over_before_begun(*hook).result, "over");
}

}  // namespace
}  // namespace lifehook::handlers
