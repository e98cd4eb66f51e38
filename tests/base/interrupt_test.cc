#include "base/interrupt.h"

#include "base/within.h"
#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>

namespace lifehook {
namespace {

using namespace std::chrono_literals;
using test::virtual_time;

task<result<int>> seven_after(clock& time, duration wait) {
  co_await time.sleep_for(wait);
  co_return 7;
}

task<result<int>> seven_at_once() { co_return 7; }

task<result<int>> seven_having_raised(interrupt& own) {
  own.raise();
  co_return 7;
}

task<result<int>> seven_after_raising(interrupt& own, clock& time) {
  own.raise();
  co_await time.sleep_for(1h);
  co_return 7;
}

task<result<int>> rejected_after(clock& time, duration wait) {
  co_await time.sleep_for(wait);
  co_return error{errc::rejected, "no"};
}

task<result<int>> bug_after(clock& time, duration wait) {
  co_await time.sleep_for(wait);
  throw std::runtime_error("a bug");
}

task<result<int>> cleanup_noted(clock& time, bool& cleaned) {
  struct note {
    bool& at;
    ~note() { at = true; }
  } const on_the_way_out{cleaned};
  co_await time.sleep_for(1h);
  co_return 7;
}

// Work that waits once more on its way out.
task<result<int>> seven_after_closing(clock& time, duration closing) {
  bool ended = false;
  try {
    co_await time.sleep_for(1h);
  } catch (const boost::system::system_error&) {
    ended = true;
  }
  co_await asio::this_coro::reset_cancellation_state();
  if (ended) co_await time.sleep_for(closing);
  co_return 7;
}

task<std::string> what_escapes(task<result<int>> work) {
  std::string what = "nothing";
  try {
    static_cast<void>(co_await std::move(work));
  } catch (const std::exception& thrown) {
    what = thrown.what();
  }
  co_return what;
}

TEST(interrupt, lets_work_end_that_is_not_interrupted) {
  virtual_time time;
  interrupt given_up;

  const auto ended = time.wait_for(given_up.guard(seven_after(time.clock, 1h)));

  EXPECT_EQ(ended.value(), 7);
}

TEST(interrupt, ends_the_work_at_its_wait) {
  virtual_time time;
  const auto before = time.clock.now();
  interrupt given_up;
  alarm bell(time.clock);
  bell.set(5s, [&] { given_up.raise(); });
  bool cleaned = false;

  const auto ended = time.wait_for(given_up.guard(cleanup_noted(time.clock, cleaned)));

  ASSERT_TRUE(ended.has_error());
  EXPECT_EQ(ended.error().code(), errc::cancelled);
  EXPECT_EQ(time.clock.now() - before, 5s);
  EXPECT_TRUE(cleaned);
}

TEST(interrupt, raised_twice_is_raised_once) {
  virtual_time time;
  interrupt given_up;
  alarm bell(time.clock);
  bell.set(5s, [&] {
    given_up.raise();
    given_up.raise();
  });

  const auto ended = time.wait_for(given_up.guard(seven_after(time.clock, 1h)));

  EXPECT_EQ(ended.error().code(), errc::cancelled);
}

TEST(interrupt, raised_again_does_not_end_what_the_work_still_waits_for_on_its_way_out) {
  virtual_time time;
  interrupt given_up;
  alarm bell(time.clock);
  alarm second_bell(time.clock);
  bell.set(5s, [&] { given_up.raise(); });
  second_bell.set(6s, [&] { given_up.raise(); });

  const auto ended = time.wait_for(given_up.guard(seven_after_closing(time.clock, 3s)));

  EXPECT_EQ(ended.value(), 7);
}

TEST(interrupt, raised_before_keeps_the_work_from_beginning) {
  virtual_time time;
  interrupt given_up;
  given_up.raise();
  bool cleaned = false;

  const auto ended = time.wait_for(given_up.guard(cleanup_noted(time.clock, cleaned)));

  EXPECT_EQ(ended.error().code(), errc::cancelled);
  EXPECT_FALSE(cleaned);
}

TEST(interrupt, guards_again_after_a_reset) {
  virtual_time time;
  interrupt given_up;
  given_up.raise();

  given_up.reset();
  const auto ended = time.wait_for(given_up.guard(seven_after(time.clock, 1s)));

  EXPECT_EQ(ended.value(), 7);
}

TEST(interrupt, ends_each_of_two_pieces_of_work_in_turn) {
  virtual_time time;
  interrupt given_up;
  alarm bell(time.clock);

  for (int turn = 0; turn < 2; ++turn) {
    given_up.reset();
    bell.set(5s, [&] { given_up.raise(); });
    const auto ended = time.wait_for(given_up.guard(seven_after(time.clock, 1h)));
    EXPECT_EQ(ended.error().code(), errc::cancelled) << "turn " << turn;
  }
}

TEST(interrupt, work_that_needs_no_wait_ends_by_itself) {
  virtual_time time;
  interrupt given_up;

  EXPECT_EQ(time.wait_for(given_up.guard(seven_at_once())).value(), 7);
}

TEST(interrupt, work_may_raise_its_own_interrupt_before_its_first_wait) {
  virtual_time time;
  const auto before = time.clock.now();
  interrupt given_up;

  const auto ended = time.wait_for(given_up.guard(seven_after_raising(given_up, time.clock)));

  EXPECT_EQ(ended.error().code(), errc::cancelled);
  EXPECT_EQ(time.clock.now(), before);
}

TEST(interrupt, work_that_raises_its_own_interrupt_and_never_waits_keeps_its_result) {
  virtual_time time;
  interrupt given_up;

  const auto ended = time.wait_for(given_up.guard(seven_having_raised(given_up)));

  EXPECT_EQ(ended.value(), 7);
}

TEST(interrupt, failures_of_the_work_pass_through) {
  virtual_time time;
  interrupt given_up;

  const auto ended = time.wait_for(given_up.guard(rejected_after(time.clock, 1s)));

  EXPECT_EQ(ended.error().code(), errc::rejected);
}

TEST(interrupt, exceptions_of_the_work_pass_through) {
  virtual_time time;
  interrupt given_up;

  EXPECT_EQ(time.wait_for(what_escapes(given_up.guard(bug_after(time.clock, 1s)))), "a bug");
}

TEST(interrupt, reaches_work_guarded_by_another_interrupt_inside) {
  virtual_time time;
  const auto before = time.clock.now();
  interrupt outer;
  interrupt inner;
  alarm bell(time.clock);
  bell.set(5s, [&] { outer.raise(); });

  const auto ended = time.wait_for(outer.guard(inner.guard(seven_after(time.clock, 1h))));

  EXPECT_EQ(ended.error().code(), errc::cancelled);
  EXPECT_EQ(time.clock.now() - before, 5s);
  EXPECT_FALSE(inner.raised());
}

TEST(interrupt, one_raised_inside_leaves_the_outer_work_running) {
  virtual_time time;
  const auto both = [](clock& on, interrupt& inner) -> task<result<int>> {
    const auto ended = co_await inner.guard(seven_after(on, 1h));
    co_await on.sleep_for(1min);
    co_return ended.has_error() ? 1 : 2;
  };
  interrupt outer;
  interrupt inner;
  alarm bell(time.clock);
  bell.set(5s, [&] { inner.raise(); });

  const auto ended = time.wait_for(outer.guard(both(time.clock, inner)));

  EXPECT_EQ(ended.value(), 1);
}

// Work that has no error of its own.
task<int> plain_seven_after(clock& time, duration wait) {
  co_await time.sleep_for(wait);
  co_return 7;
}

TEST(interrupt, gives_what_plain_work_has_to_give) {
  virtual_time time;
  interrupt given_up;

  EXPECT_EQ(time.wait_for(given_up.guard(plain_seven_after(time.clock, 1h))).value(), 7);
  EXPECT_TRUE(time.wait_for(given_up.guard(time.clock.sleep_for(1h))).has_value());
}

TEST(interrupt, ends_plain_work_at_its_wait_as_cancelled) {
  virtual_time time;
  const auto before = time.clock.now();
  interrupt given_up;
  alarm bell(time.clock);
  bell.set(5s, [&] { given_up.raise(); });

  const auto seven = time.wait_for(given_up.guard(plain_seven_after(time.clock, 1h)));
  const auto wait = time.wait_for(given_up.guard(time.clock.sleep_for(1h)));

  EXPECT_EQ(seven.error().code(), errc::cancelled);
  EXPECT_EQ(wait.error().code(), errc::cancelled) << "raised before";
  EXPECT_EQ(time.clock.now() - before, 5s);
}

TEST(interrupt, ends_plain_work_of_the_task_it_guards_on) {
  virtual_time time;
  const auto given_up = std::make_shared<interrupt>();
  alarm bell(time.clock);
  bell.set(5s, [&] { given_up->raise(); });
  std::optional<result<>> ended;
  std::optional<duration> after;

  time.tasks.spawn(
      [](interrupt& by, clock& on, std::optional<result<>>& end, std::optional<duration>& when) -> task<> {
        const auto before = on.now();
        end = co_await by.guard(on.sleep_for(1h));
        co_await on.sleep_for(1s);
        when = on.now() - before;
      }(*given_up, time.clock, ended, after),
      *given_up, given_up);
  ASSERT_TRUE(time.run_until([&] { return after.has_value(); }));

  EXPECT_EQ(ended->error().code(), errc::cancelled);
  EXPECT_EQ(*after, 6s);
}

TEST(within, limits_plain_work) {
  virtual_time time;

  EXPECT_TRUE(time.wait_for(within(time.clock, 5s, time.clock.sleep_for(1s))).has_value());
  EXPECT_EQ(time.wait_for(within(time.clock, 5s, plain_seven_after(time.clock, 1s))).value(), 7);
  EXPECT_EQ(time.wait_for(within(time.clock, 5s, plain_seven_after(time.clock, 1h))).error().code(), errc::timeout);
}

TEST(within, gives_what_comes_in_time) {
  virtual_time time;
  const auto before = time.clock.now();

  const auto ended = time.wait_for(within(time.clock, 5s, seven_after(time.clock, 1s)));

  EXPECT_EQ(ended.value(), 7);
  EXPECT_EQ(time.clock.now() - before, 1s);
}

TEST(within, is_a_timeout_when_the_limit_comes_first) {
  virtual_time time;
  const auto before = time.clock.now();

  const auto ended = time.wait_for(within(time.clock, 5s, seven_after(time.clock, 1h)));

  ASSERT_TRUE(ended.has_error());
  EXPECT_EQ(ended.error().code(), errc::timeout);
  EXPECT_EQ(time.clock.now() - before, 5s);
}

TEST(within, leaves_no_alarm_behind) {
  virtual_time time;

  static_cast<void>(time.wait_for(within(time.clock, 1h, seven_after(time.clock, 1s))));

  EXPECT_FALSE(time.clock.jump());
}

TEST(within, failures_of_the_work_pass_through) {
  virtual_time time;

  const auto ended = time.wait_for(within(time.clock, 5s, rejected_after(time.clock, 1s)));

  EXPECT_EQ(ended.error().code(), errc::rejected);
}

TEST(within, an_interrupt_around_it_is_no_timeout) {
  virtual_time time;
  const auto before = time.clock.now();
  interrupt given_up;
  alarm bell(time.clock);
  bell.set(5s, [&] { given_up.raise(); });

  const auto ended = time.wait_for(given_up.guard(within(time.clock, 30min, seven_after(time.clock, 1h))));

  EXPECT_EQ(ended.error().code(), errc::cancelled);
  EXPECT_EQ(time.clock.now() - before, 5s);
}

TEST(within, the_shorter_of_two_limits_counts) {
  virtual_time time;
  const auto before = time.clock.now();

  const auto ended = time.wait_for(within(time.clock, 5s, within(time.clock, 30min, seven_after(time.clock, 1h))));

  EXPECT_EQ(ended.error().code(), errc::timeout);
  EXPECT_EQ(time.clock.now() - before, 5s);
}

}  // namespace
}  // namespace lifehook
