#include "worker/termination.h"

#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>

#include <csignal>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;

task<result<>> long_work(clock& time) {
  co_await time.sleep_for(1h);
  co_return result<>();
}

task<> keep(task<result<>> work, std::optional<result<>>& outcome) { outcome.emplace(co_await std::move(work)); }

TEST(termination, lets_work_end_that_nobody_asked_to_stop) {
  test::virtual_time world;
  termination ending(world.io.get_executor());

  EXPECT_TRUE(world.wait_for(ending.unless_asked(long_work(world.clock))));
  ending.done();
}

class a_signal : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(termination, a_signal, testing::Values(SIGTERM, SIGINT, SIGHUP));

TEST_P(a_signal, ends_work_at_its_wait) {
  test::virtual_time world;
  termination ending(world.io.get_executor());
  std::optional<result<>> outcome;
  world.tasks.spawn(keep(ending.unless_asked(long_work(world.clock)), outcome));
  world.io.poll();

  std::raise(GetParam());
  world.io.restart();
  world.io.run_one_for(10s);
  world.io.poll();

  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->error().code(), errc::cancelled);
  ending.done();
}

TEST(termination, a_hangup_that_is_ignored_stays_ignored) {
  std::signal(SIGHUP, SIG_IGN);
  test::virtual_time world;
  termination ending(world.io.get_executor());

  std::raise(SIGHUP);
  world.io.restart();
  world.io.poll();

  EXPECT_FALSE(ending.is_asked());
  ending.done();
  std::signal(SIGHUP, SIG_DFL);
}

// What came, and was repeated, until nothing more happens.
void raise_all(test::virtual_time& world, std::initializer_list<int> signals) {
  for (const int each : signals) {
    std::raise(each);
    world.io.restart();
    world.io.run_one_for(10s);
    world.io.poll();
  }
}

// An orchestrator repeats itself, and a terminal that closes hangs up behind it: the stop goes on giving messages back.
TEST(termination, goes_on_in_order_when_a_signal_is_repeated_and_says_so) {
  test::virtual_time world;
  termination ending(world.io.get_executor());
  std::vector<std::string_view> said;
  ending.when_repeated([&said](std::string_view signal) { said.push_back(signal); });

  raise_all(world, {SIGTERM, SIGTERM, SIGHUP, SIGINT, SIGTERM});

  EXPECT_TRUE(ending.is_asked());
  EXPECT_THAT(said, testing::ElementsAre("SIGTERM", "SIGHUP", "SIGINT", "SIGTERM"));
  ending.done();
}

TEST(termination, ends_at_once_at_the_second_interrupt_of_a_person) {
  EXPECT_EXIT(
      {
        test::virtual_time world;
        termination ending(world.io.get_executor());
        raise_all(world, {SIGTERM, SIGINT, SIGINT});
      },
      testing::ExitedWithCode(1), "");
}

TEST(termination, does_not_begin_work_once_asked) {
  test::virtual_time world;
  termination ending(world.io.get_executor());
  ending.ask();

  EXPECT_EQ(world.wait_for(ending.unless_asked(long_work(world.clock))).error().code(), errc::cancelled);
  ending.done();
}

}  // namespace
}  // namespace lifehook::worker
