#include "base/clock.h"

#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <thread>

namespace lifehook {
namespace {

using namespace std::chrono_literals;
using test::virtual_time;
using testing::ElementsAre;

task<> note_after(clock& time, duration wait, std::string word, std::vector<std::string>& seen) {
  co_await time.sleep_for(wait);
  seen.push_back(std::move(word));
}

TEST(clock, sleepers_wake_in_the_order_of_their_times) {
  virtual_time time;
  std::vector<std::string> seen;

  time.tasks.spawn(note_after(time.clock, 3h, "third", seen));
  time.tasks.spawn(note_after(time.clock, 1s, "first", seen));
  time.tasks.spawn(note_after(time.clock, 2min, "second", seen));

  ASSERT_TRUE(time.run_until([&] { return seen.size() == 3; }, 4h));
  EXPECT_THAT(seen, ElementsAre("first", "second", "third"));
}

TEST(clock, a_sleep_takes_as_long_as_it_says) {
  virtual_time time;
  const auto before = time.clock.now();
  std::vector<std::string> seen;

  time.tasks.spawn(note_after(time.clock, 90min, "awake", seen));

  ASSERT_TRUE(time.run_until([&] { return !seen.empty(); }));
  EXPECT_EQ(time.clock.now() - before, 90min);
}

TEST(clock, a_machines_clock_that_is_set_changes_what_it_tells_and_no_time_of_ours) {
  virtual_clock clock{time_point{} + 1h};
  clock.set(time_point{} + 3h);
  clock.advance(1min);

  EXPECT_EQ(clock.now(), time_point{} + 61min);
  EXPECT_EQ(clock.wall_now(), time_point{} + 3h + 1min);
}

TEST(clock, what_recurs_comes_together_whenever_it_began) {
  virtual_time time;
  std::vector<duration> woken;
  const auto recur = [&woken](clock& on, duration begin, duration every) -> task<> {
    co_await on.sleep_for(begin);
    for (int i = 0; i < 2; ++i) {
      co_await on.sleep_to_next(every);
      woken.push_back(on.uptime());
    }
  };

  time.tasks.spawn(recur(time.clock, 2s, 30s));
  time.tasks.spawn(recur(time.clock, 30s, 45s));

  ASSERT_TRUE(time.run_until([&] { return woken.size() == 4; }, 2min));
  EXPECT_THAT(woken, ElementsAre(30s, 45s, 60s, 90s));
}

TEST(clock, a_jump_goes_to_the_next_waiter_and_no_further) {
  virtual_clock clock{time_point{}};
  std::vector<int> rung;
  alarm soon(clock);
  alarm late(clock);
  soon.set(5s, [&] { rung.push_back(5); });
  late.set(1h, [&] { rung.push_back(3600); });

  EXPECT_TRUE(clock.jump());

  EXPECT_THAT(rung, ElementsAre(5));
  EXPECT_EQ(clock.now(), time_point{} + 5s);
}

TEST(clock, a_jump_with_nobody_waiting_stands_still) {
  virtual_clock clock{time_point{}};

  EXPECT_FALSE(clock.jump());

  EXPECT_EQ(clock.now(), time_point{});
}

TEST(clock, an_advance_fires_all_that_is_due_on_its_way_each_at_its_time) {
  virtual_clock clock{time_point{}};
  std::vector<duration> rung;
  alarm first(clock);
  alarm again(clock);
  alarm beyond(clock);
  first.set(10s, [&] {
    rung.push_back(clock.now() - time_point{});
    again.set(10s, [&] { rung.push_back(clock.now() - time_point{}); });
  });
  beyond.set(31s, [&] { rung.push_back(clock.now() - time_point{}); });

  clock.advance(30s);

  EXPECT_THAT(rung, ElementsAre(10s, 20s));
  EXPECT_EQ(clock.now(), time_point{} + 30s);
}

TEST(clock, a_clock_that_ends_lets_its_sleepers_go) {
  asio::io_context io;
  task_group tasks(io.get_executor());
  std::vector<std::string> seen;
  {
    virtual_clock clock{time_point{}};
    tasks.spawn(note_after(clock, 1h, "awake", seen));
    io.poll();
  }

  io.restart();
  io.poll();

  EXPECT_TRUE(seen.empty());
}

TEST(alarm, rings_once) {
  virtual_clock clock{time_point{}};
  int rung = 0;
  alarm bell(clock);

  bell.set(1s, [&] { ++rung; });
  clock.advance(1min);

  EXPECT_EQ(rung, 1);
  EXPECT_FALSE(bell.is_set());
}

TEST(alarm, is_silent_once_unset) {
  virtual_clock clock{time_point{}};
  int rung = 0;
  alarm bell(clock);
  bell.set(1s, [&] { ++rung; });

  bell.unset();
  clock.advance(1min);

  EXPECT_EQ(rung, 0);
  EXPECT_FALSE(bell.is_set());
}

TEST(alarm, is_silent_once_destroyed) {
  virtual_clock clock{time_point{}};
  int rung = 0;
  {
    alarm bell(clock);
    bell.set(1s, [&] { ++rung; });
  }

  clock.advance(1min);

  EXPECT_EQ(rung, 0);
}

TEST(alarm, set_again_forgets_its_former_time) {
  virtual_clock clock{time_point{}};
  std::vector<std::string> rung;
  alarm bell(clock);
  bell.set(1s, [&] { rung.emplace_back("former"); });

  bell.set(clock.now() + 5s, [&] { rung.emplace_back("latter"); });
  clock.advance(1min);

  EXPECT_THAT(rung, ElementsAre("latter"));
}

TEST(alarm, may_be_set_again_by_its_own_call) {
  virtual_clock clock{time_point{}};
  int rung = 0;
  alarm bell(clock);
  std::function<void()> ring = [&] {
    if (++rung < 3) bell.set(1s, ring);
  };

  bell.set(1s, ring);
  clock.advance(1min);

  EXPECT_EQ(rung, 3);
}

TEST(alarm, may_be_destroyed_by_its_own_call) {
  virtual_clock clock{time_point{}};
  auto bell = std::make_unique<alarm>(clock);

  bell->set(1s, [&] { bell.reset(); });
  clock.advance(1min);

  EXPECT_EQ(bell, nullptr);
}

TEST(alarm, rings_in_the_order_of_setting_among_those_of_one_moment) {
  virtual_clock clock{time_point{}};
  std::vector<int> rung;
  std::array<alarm, 4> bells{alarm(clock), alarm(clock), alarm(clock), alarm(clock)};
  for (const int i : {2, 0, 3, 1}) bells.at(static_cast<std::size_t>(i)).set(5s, [&rung, i] { rung.push_back(i); });
  bells[2].set(5s, [&] { rung.push_back(2); });  // set again: behind the others

  clock.jump();

  EXPECT_THAT(rung, ElementsAre(0, 3, 1, 2));
}

TEST(alarm, set_for_now_by_a_call_rings_behind_those_that_are_due) {
  virtual_clock clock{time_point{}};
  std::vector<std::string> rung;
  alarm first(clock);
  alarm second(clock);
  first.set(1s, [&] { first.set(0s, [&] { rung.emplace_back("set by the first"); }); });
  second.set(1s, [&] { rung.emplace_back("second"); });

  clock.jump();

  EXPECT_THAT(rung, ElementsAre("second", "set by the first"));
}

TEST(alarm, may_be_unset_or_destroyed_by_the_call_of_another_of_the_same_moment) {
  virtual_clock clock{time_point{}};
  int rung = 0;
  alarm first(clock);
  alarm unset(clock);
  auto destroyed = std::make_unique<alarm>(clock);
  alarm last(clock);
  first.set(1s, [&] {
    unset.unset();
    destroyed.reset();
  });
  unset.set(1s, [&] { rung += 100; });
  destroyed->set(1s, [&] { rung += 100; });
  last.set(1s, [&] { ++rung; });

  clock.jump();

  EXPECT_EQ(rung, 1);
  EXPECT_FALSE(unset.is_set());
}

TEST(alarm, lets_go_what_its_call_holds_once_rung_unset_or_set_again) {
  virtual_clock clock{time_point{}};
  const auto held = std::make_shared<int>(0);
  alarm rung(clock);
  alarm unset(clock);
  alarm again(clock);
  for (auto* each : {&rung, &unset, &again}) each->set(1s, [held] { ++*held; });

  unset.unset();
  again.set(1h, [] {});
  EXPECT_EQ(held.use_count(), 2);
  clock.jump();

  EXPECT_EQ(*held, 1);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(alarm, may_be_owned_by_what_its_call_holds) {
  virtual_clock clock{time_point{}};
  const auto owned_by_its_call = [&clock](int& rung) {
    auto bell = std::make_shared<alarm>(clock);
    bell->set(1s, [bell, &rung] { ++rung; });
    return bell.get();
  };
  int rung = 0;

  owned_by_its_call(rung)->unset();
  owned_by_its_call(rung);
  clock.advance(1min);

  EXPECT_EQ(rung, 1);
  EXPECT_FALSE(clock.jump());
}

TEST(alarm, whose_call_throws_is_unset_and_the_others_ring_at_the_next_look) {
  virtual_clock clock{time_point{}};
  int rung = 0;
  alarm bad(clock);
  alarm good(clock);
  bad.set(1s, [] { throw std::runtime_error("a bug"); });
  good.set(1s, [&] { ++rung; });

  EXPECT_THROW(clock.jump(), std::runtime_error);
  EXPECT_FALSE(bad.is_set());
  EXPECT_TRUE(good.is_set());
  clock.jump();

  EXPECT_EQ(rung, 1);
}

TEST(alarm, is_no_longer_set_once_its_clock_ended) {
  const auto held = std::make_shared<int>(0);
  auto clock = std::make_unique<virtual_clock>(time_point{});
  alarm bell(*clock);
  bell.set(1s, [held] { ++*held; });
  auto owned = std::make_shared<alarm>(*clock);
  auto* const owned_by_its_call = owned.get();
  owned_by_its_call->set(1s, [owned = std::move(owned), held] { ++*held; });

  clock.reset();

  EXPECT_FALSE(bell.is_set());
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 0);
}

TEST(real_clock, wakes_sleepers_in_order) {
  asio::io_context io;
  const auto time = make_real_clock(io.get_executor());
  task_group tasks(io.get_executor());
  std::vector<std::string> seen;
  const auto before = time->uptime();

  tasks.spawn(note_after(*time, 200ms, "second", seen));  // which a busy machine may begin long before the other
  tasks.spawn(note_after(*time, 1ms, "first", seen));
  io.run();

  EXPECT_THAT(seen, ElementsAre("first", "second"));
  EXPECT_GE(time->uptime() - before, 200ms);
}

TEST(real_clock, tells_utc_wall_time) {
  asio::io_context io;
  const auto time = make_real_clock(io.get_executor());

  const auto off = time->now() - std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());

  EXPECT_LT(std::chrono::abs(off), 5s);
}

TEST(real_clock, lets_an_hour_pass_in_moments_at_great_speed) {
  asio::io_context io;
  const auto time = make_real_clock(io.get_executor(), 1'000'000.0);
  task_group tasks(io.get_executor());
  std::vector<std::string> seen;
  const auto before = time->now();
  const auto really = std::chrono::steady_clock::now();

  tasks.spawn(note_after(*time, 1h, "awake", seen));
  io.run();

  EXPECT_THAT(seen, ElementsAre("awake"));
  EXPECT_GE(time->now() - before, 1h);
  EXPECT_LT(std::chrono::steady_clock::now() - really, 1min);
}

TEST(real_clock, an_unset_alarm_does_not_ring) {
  asio::io_context io;
  const auto time = make_real_clock(io.get_executor(), 1000.0);
  bool rung = false;
  alarm bell(*time);
  alarm other(*time);
  bell.set(1s, [&] { rung = true; });
  other.set(3s, [] {});

  bell.unset();
  io.run();

  EXPECT_FALSE(rung);
  EXPECT_FALSE(other.is_set());
}

TEST(real_clock, an_unset_alarm_keeps_nobody_busy) {
  asio::io_context io;
  const auto time = make_real_clock(io.get_executor());
  alarm bell(*time);
  bell.set(1h, [] {});

  bell.unset();

  EXPECT_NO_THROW(io.run_for(1min));
  EXPECT_TRUE(io.stopped()) << "its timer is still set";
}

TEST(real_clock, does_not_wake_for_an_alarm_that_is_unset) {
  asio::io_context io;
  const auto time = make_real_clock(io.get_executor());
  alarm soon(*time);
  alarm later(*time);
  bool rung = false;
  soon.set(100ms, [] {});
  later.set(1500ms, [&] { rung = true; });
  io.poll();

  soon.unset();
  io.poll();
  const auto wakes = io.run_one();

  EXPECT_TRUE(rung);
  EXPECT_EQ(wakes, 1U);
}

TEST(real_clock, may_go_when_its_timer_has_ended_and_was_not_told) {
  asio::io_context io;
  auto time = make_real_clock(io.get_executor());
  loop_timer other(io.get_executor(), 1ms);
  other.async_wait([&](auto) { time.reset(); });
  alarm bell(*time);
  bool rung = false;
  bell.set(2ms, [&] { rung = true; });
  std::this_thread::sleep_for(10ms);  // both are over

  EXPECT_NO_THROW(io.run());

  EXPECT_FALSE(rung);
}

TEST(real_clock, may_go_before_its_timer_ends) {
  asio::io_context io;
  auto time = make_real_clock(io.get_executor());
  alarm first(*time);
  first.set(0s, [] {});
  {
    alarm second(*time);
    second.set(1h, [] {});
  }
  first.unset();  // a look at what is set now is to come

  time.reset();

  EXPECT_NO_THROW(io.run());
}

}  // namespace
}  // namespace lifehook
