#include "queues/catch_up.h"

#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <vector>

namespace lifehook::queues {
namespace {

using namespace std::chrono_literals;

struct catch_up_test : testing::Test {
  // Takes the loop for `each`, and again at its next turn.
  void busy(int turns, duration each) {
    if (turns == 0) return;
    asio::post(time.io, [this, turns, each] {
      time.clock.advance(each);
      busy(turns - 1, each);
    });
  }
  // How long it waited for the loop to keep up.
  duration waited() {
    const auto began = time.clock.uptime();
    return time.wait_for(timed(*this)) - began;
  }
  static task<duration> timed(catch_up_test& self) {
    co_await self.under_test.wait();
    co_return self.time.clock.uptime();
  }
  static task<> note(catch_up_test& self) {
    co_await self.under_test.wait();
    self.went_on.push_back(self.turn);
  }
  void count_turns(int left) {
    ++turn;
    if (left > 0) asio::post(time.io, [this, left] { count_turns(left - 1); });
  }

  test::virtual_time time;
  catch_up under_test{time.clock, time.io.get_executor()};
  int turn = 0;
  std::vector<int> went_on;  // at which turn
};

TEST_F(catch_up_test, a_loop_that_has_nothing_to_do_keeps_up) { EXPECT_EQ(waited(), 0s); }

TEST_F(catch_up_test, little_to_do_is_not_waited_for) {
  busy(20, 100us);

  EXPECT_LE(waited(), 500us);
}

TEST_F(catch_up_test, a_busy_loop_is_waited_for) {
  busy(20, 1ms);

  EXPECT_GE(waited(), 20ms);
}

TEST_F(catch_up_test, a_loop_that_stays_busy_is_waited_for_50_ms) {
  busy(1000, 1ms);

  const auto longest = waited();
  EXPECT_GE(longest, 50ms);
  EXPECT_LE(longest, 52ms);
}

TEST_F(catch_up_test, those_who_wait_go_on_one_after_the_other) {
  count_turns(100);
  for (int i = 0; i < 5; ++i) time.tasks.spawn(note(*this));

  ASSERT_TRUE(time.run_until([this] { return went_on.size() == 5; }));

  for (std::size_t i = 1; i < 5; ++i) EXPECT_GT(went_on[i], went_on[i - 1]);
}

TEST_F(catch_up_test, nobody_waits_longer_for_those_before_him) {
  busy(1000, 1ms);
  for (int i = 0; i < 5; ++i) time.tasks.spawn(note(*this));

  EXPECT_LE(waited(), 50ms + 6 * 2ms);
  EXPECT_EQ(went_on.size(), 5U);
}

}  // namespace
}  // namespace lifehook::queues
