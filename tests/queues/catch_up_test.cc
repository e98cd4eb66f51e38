#include "queues/catch_up.h"

#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

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
    co_await catch_up(self.time.clock, self.time.io.get_executor());
    co_return self.time.clock.uptime();
  }

  test::virtual_time time;
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

}  // namespace
}  // namespace lifehook::queues
