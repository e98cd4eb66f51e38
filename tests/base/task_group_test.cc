#include "base/task_group.h"

#include "base/interrupt.h"
#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>

#include <stdexcept>

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

}  // namespace
}  // namespace lifehook
