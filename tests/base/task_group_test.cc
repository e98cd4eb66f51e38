#include "base/task_group.h"

#include "base/within.h"
#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace lifehook {
namespace {

using namespace std::chrono_literals;
using test::virtual_time;

task<> sleeping(clock& time, duration wait) { co_await time.sleep_for(wait); }

task<> spawning_more(task_group& in, clock& time) {
  co_await time.sleep_for(1s);
  in.spawn(sleeping(time, 1h));
}

task<bool> joined(task_group& all) {
  co_await all.join();
  co_return true;
}

task<> bug(clock& time) {
  co_await time.sleep_for(1s);
  throw std::runtime_error("a bug");
}

TEST(task_group, counts_what_is_running) {
  virtual_time time;
  task_group group(time.io.get_executor());

  group.spawn(sleeping(time.clock, 1s));
  group.spawn(sleeping(time.clock, 1min));

  EXPECT_EQ(group.running(), 2U);
  time.run_for(10s);
  EXPECT_EQ(group.running(), 1U);
  time.run_for(1min);
  EXPECT_EQ(group.running(), 0U);
}

TEST(task_group, joins_the_last_of_its_tasks) {
  virtual_time time;
  const auto before = time.clock.now();
  task_group group(time.io.get_executor());
  group.spawn(sleeping(time.clock, 1h));
  group.spawn(sleeping(time.clock, 1s));

  EXPECT_TRUE(time.wait_for(joined(group)));

  EXPECT_EQ(time.clock.now() - before, 1h);
}

TEST(task_group, joins_at_once_when_nothing_runs) {
  virtual_time time;
  task_group group(time.io.get_executor());

  EXPECT_TRUE(time.wait_for(joined(group), 0s));
}

TEST(task_group, joins_what_its_tasks_spawn_too) {
  virtual_time time;
  const auto before = time.clock.now();
  task_group group(time.io.get_executor());
  group.spawn(spawning_more(group, time.clock));

  EXPECT_TRUE(time.wait_for(joined(group)));

  EXPECT_EQ(time.clock.now() - before, 1h + 1s);
}

TEST(task_group, lets_a_bug_end_the_loop_and_counts_the_task_as_ended) {
  virtual_time time;
  task_group group(time.io.get_executor());
  group.spawn(bug(time.clock));

  EXPECT_THROW(time.run_for(1min), std::runtime_error);

  EXPECT_EQ(group.running(), 0U);
}

// A task whose interrupt guards on it: what it met on its way.
struct journey {
  std::shared_ptr<interrupt> given_up = std::make_shared<interrupt>();
  std::vector<std::string> met;

  static task<result<>> long_work(clock& time) {
    co_await time.sleep_for(1h);
    co_return result<>();
  }
  static task<result<>> short_work(clock& time) {
    co_await time.sleep_for(1s);
    co_return result<>();
  }
  static task<result<>> work_within(clock& time, duration limit) {
    auto limited = within(time, limit, long_work(time));
    co_return co_await std::move(limited);
  }
  void note(const result<>& end) { met.emplace_back(end.has_value() ? "done" : name(end.error().code())); }

  static task<> twice(journey& self, clock& time) {
    self.note(co_await self.given_up->guard(long_work(time)));
    co_await time.sleep_for(1min);
    self.met.emplace_back("slept");
    self.note(co_await self.given_up->guard(long_work(time)));
    self.given_up->reset();
    self.note(co_await self.given_up->guard(long_work(time)));
  }
  static task<> unguarded(journey& self, clock& time) {
    co_await time.sleep_for(1h);
    self.met.emplace_back("slept");
  }
  static task<> guarded_before(journey& self, clock& time) {
    self.note(co_await self.given_up->guard(short_work(time)));
    co_await time.sleep_for(1h);
    self.met.emplace_back("slept");
  }
  static task<> limited(journey& self, clock& time, duration limit) {
    self.note(co_await self.given_up->guard(work_within(time, limit)));
    co_await time.sleep_for(1s);
    self.met.emplace_back("slept");
  }
};

TEST(task_group, an_interrupt_given_to_a_task_ends_its_guarded_work_and_the_task_goes_on) {
  virtual_time time;
  journey of;
  time.tasks.spawn(journey::twice(of, time.clock), *of.given_up, of.given_up);
  time.run_for(1s);

  of.given_up->raise();
  time.run_for(3h);

  EXPECT_EQ(of.met, (std::vector<std::string>{"cancelled", "slept", "cancelled", "done"}));
}

TEST(task_group, an_interrupt_given_to_a_task_leaves_alone_what_is_not_guarded) {
  virtual_time time;
  journey of;
  time.tasks.spawn(journey::unguarded(of, time.clock), *of.given_up, of.given_up);
  time.run_for(1s);

  of.given_up->raise();
  time.run_for(2h);

  EXPECT_EQ(of.met, std::vector<std::string>{"slept"});
}

TEST(task_group, an_interrupt_given_to_a_task_leaves_alone_what_is_not_guarded_any_more) {
  virtual_time time;
  journey of;
  time.tasks.spawn(journey::guarded_before(of, time.clock), *of.given_up, of.given_up);
  time.run_for(1min);

  of.given_up->raise();
  time.run_for(2h);

  EXPECT_EQ(of.met, (std::vector<std::string>{"done", "slept"}));
}

TEST(task_group, a_guard_within_the_work_of_the_given_interrupt_ends_with_it) {
  virtual_time time;
  journey of;
  time.tasks.spawn(journey::limited(of, time.clock, 10min), *of.given_up, of.given_up);
  time.run_for(1s);

  of.given_up->raise();
  time.run_for(5s);

  EXPECT_EQ(of.met, (std::vector<std::string>{"cancelled", "slept"}));
}

TEST(task_group, a_guard_within_the_work_of_the_given_interrupt_ends_alone) {
  virtual_time time;
  journey of;
  time.tasks.spawn(journey::limited(of, time.clock, 10s), *of.given_up, of.given_up);

  time.run_for(1min);

  EXPECT_EQ(of.met, (std::vector<std::string>{"timeout", "slept"}));
}

TEST(task_group, keeps_a_given_interrupt_until_its_task_has_ended) {
  virtual_time time;
  journey of;
  time.tasks.spawn(journey::unguarded(of, time.clock), *of.given_up, of.given_up);
  const std::weak_ptr<interrupt> kept(of.given_up);
  of.given_up.reset();

  time.run_for(1s);
  EXPECT_FALSE(kept.expired());
  time.run_for(2h);
  EXPECT_TRUE(kept.expired());
}

}  // namespace
}  // namespace lifehook
