#include "base/signal.h"

#include "base/interrupt.h"
#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>

namespace lifehook {
namespace {

using namespace std::chrono_literals;
using test::virtual_time;

task<> counting_wakes(signal& from, int& woken) {
  for (;;) {
    co_await from.wait();
    ++woken;
  }
}

task<result<>> counted(signal& from, int& woken) {
  co_await counting_wakes(from, woken);
  co_return result<>();
}

task<> guarded(interrupt& by, signal& from, int& woken) { co_await by.guard(counted(from, woken)); }

task<result<>> through(latch& gate) {
  co_await gate.wait();
  co_return result<>();
}

task<> passing(interrupt& by, latch& gate, int& passed) {
  const auto ended = co_await by.guard(through(gate));
  if (ended.has_value()) ++passed;
}

TEST(signal, wakes_everyone_who_waits) {
  virtual_time time;
  signal changed(time.io.get_executor());
  interrupt end;
  interrupt other_end;
  int woken = 0;
  time.tasks.spawn(guarded(end, changed, woken));
  time.tasks.spawn(guarded(other_end, changed, woken));
  time.run_for(0s);
  ASSERT_EQ(woken, 0);

  changed.wake_all();
  time.run_for(0s);

  EXPECT_EQ(woken, 2);
  end.raise();
  other_end.raise();
  EXPECT_TRUE(time.run_until([&] { return time.tasks.running() == 0; }));
}

TEST(signal, a_wake_reaches_only_those_who_wait_already) {
  virtual_time time;
  signal changed(time.io.get_executor());
  interrupt end;
  int woken = 0;

  changed.wake_all();
  time.tasks.spawn(guarded(end, changed, woken));
  time.run_for(1h);

  EXPECT_EQ(woken, 0);
  end.raise();
  EXPECT_TRUE(time.run_until([&] { return time.tasks.running() == 0; }));
}

TEST(signal, wakes_again_and_again) {
  virtual_time time;
  signal changed(time.io.get_executor());
  interrupt end;
  int woken = 0;
  time.tasks.spawn(guarded(end, changed, woken));

  for (int turn = 0; turn < 3; ++turn) {
    time.run_for(1s);
    changed.wake_all();
  }
  time.run_for(1s);

  EXPECT_EQ(woken, 3);
  end.raise();
  EXPECT_TRUE(time.run_until([&] { return time.tasks.running() == 0; }));
}

TEST(latch, holds_everyone_until_it_is_set) {
  virtual_time time;
  latch gate(time.io.get_executor());
  interrupt never;
  interrupt never_either;
  int passed = 0;
  time.tasks.spawn(passing(never, gate, passed));
  time.tasks.spawn(passing(never_either, gate, passed));
  time.run_for(1h);
  ASSERT_EQ(passed, 0);

  gate.set();
  time.run_for(0s);

  EXPECT_EQ(passed, 2);
  EXPECT_TRUE(gate.is_set());
}

TEST(latch, lets_those_who_come_later_through_at_once) {
  virtual_time time;
  latch gate(time.io.get_executor());
  interrupt never;
  int passed = 0;
  gate.set();

  time.tasks.spawn(passing(never, gate, passed));
  time.run_for(0s);

  EXPECT_EQ(passed, 1);
}

TEST(latch, a_waiter_who_gives_up_leaves_the_others_waiting) {
  virtual_time time;
  latch gate(time.io.get_executor());
  interrupt given_up;
  interrupt never;
  int passed = 0;
  time.tasks.spawn(passing(given_up, gate, passed));
  time.tasks.spawn(passing(never, gate, passed));
  time.run_for(0s);

  given_up.raise();
  time.run_for(0s);

  EXPECT_EQ(passed, 0);
  EXPECT_EQ(time.tasks.running(), 1U);
  gate.set();
  time.run_for(0s);
  EXPECT_EQ(passed, 1);
}

}  // namespace
}  // namespace lifehook
