#include "handlers/hook_timer.h"

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{10h};

hook_timer of(duration length) {
  hook_timer timer;
  timer.learn(length);
  return timer;
}

TEST(hook_timer, is_taken_for_the_shortest_there_is_until_it_is_known) {
  hook_timer timer;
  EXPECT_EQ(timer.length(), 30s);
  EXPECT_EQ(timer.left(now, {10s, false}), 20s);
  EXPECT_EQ(timer.until_end(now, {10s, false}), std::nullopt) << "nobody is told a guess";

  timer.learn(5min);
  EXPECT_EQ(timer.length(), 5min);
  EXPECT_EQ(timer.until_end(now, {10s, false}), 4min + 50s);
}

TEST(hook_timer, begins_with_the_event_and_again_with_each_heartbeat) {
  auto timer = of(100s);
  EXPECT_EQ(timer.age(now, {40s, false}), 40s);
  EXPECT_EQ(timer.left(now, {40s, false}), 60s);

  timer.set(now - 10s);
  EXPECT_EQ(timer.age(now, {40s, false}), 10s);
  EXPECT_EQ(timer.left(now, {40s, false}), 90s);
  EXPECT_EQ(timer.until_end(now, {40s, false}), 90s);
}

TEST(hook_timer, of_what_was_in_hand_before_is_half_over_and_told_nobody) {
  auto timer = of(100s);
  EXPECT_EQ(timer.left(now, {1h, true}), 50s) << "a heartbeat went before it was handed on";
  EXPECT_EQ(timer.until_end(now, {1h, true}), std::nullopt);

  timer.set(now);
  EXPECT_EQ(timer.left(now, {1h, true}), 100s);
  EXPECT_EQ(timer.until_end(now, {1h, true}), 100s);
}

TEST(hook_timer, that_ran_out_leaves_a_quarter_to_try_in_and_says_since_when) {
  const auto timer = of(100s);
  EXPECT_EQ(timer.left(now, {130s, false}), 25s);
  EXPECT_EQ(timer.until_end(now, {130s, false}), -30s);
  EXPECT_EQ(timer.left(now, {-5s, false}), 100s) << "an event of our clock's future";
}

TEST(hook_timer, that_is_shortened_has_run_as_long) {
  auto timer = of(100s);
  timer.set(now - 20s);
  timer.shorten(60s);
  EXPECT_EQ(timer.left(now, {1h, false}), 40s);
}

}  // namespace
}  // namespace lifehook::handlers
