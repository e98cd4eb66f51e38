#include "base/side_by_side.h"

#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace lifehook {
namespace {

using namespace std::chrono_literals;
using test::virtual_time;

using works = std::vector<task<result<int>>>;

task<result<int>> answering(clock& time, duration wait, int what) {
  co_await time.sleep_for(wait);
  co_return what;
}

task<result<int>> bug(clock& time, duration wait) {
  co_await time.sleep_for(wait);
  throw std::logic_error("a bug");
}

// Given up, it takes a few turns of the loop to end.
task<result<int>> deep(clock& time, int levels) {
  if (levels == 0) co_return co_await answering(time, 1h, 1);
  works one;
  one.push_back(deep(time, levels - 1));
  auto answers = co_await side_by_side(std::move(one));
  co_return answers.front();
}

struct ended {
  bool& is;
  ~ended() { is = true; }
};

task<result<int>> deep_until(clock& time, bool& over) {
  const ended at_the_end{over};
  auto work = deep(time, 4);
  co_return co_await std::move(work);
}

task<result<>> all_of(works those) {
  co_await side_by_side(std::move(those));
  co_return result<>();
}

struct two_guards {
  interrupt outer;
  interrupt inner;
  bool branch_ended = false;
  bool branch_had_ended = false;  // when the work that holds it did
  bool over = false;

  static task<result<>> inside(two_guards& self, clock& time) {
    works one;
    one.push_back(deep_until(time, self.branch_ended));
    auto work = all_of(std::move(one));
    co_return co_await self.inner.guard(std::move(work));
  }
  static task<> run(two_guards& self, clock& time) {
    auto work = inside(self, time);
    co_await self.outer.guard(std::move(work));
    self.branch_had_ended = self.branch_ended;
    self.over = true;
  }
};

// From within the loop, as alarms and answers do.
void raise_after(int turns, interrupt& which, asio::io_context& io) {
  asio::post(io, [turns, &which, &io] { turns == 0 ? which.raise() : raise_after(turns - 1, which, io); });
}

TEST(side_by_side, answers_in_the_order_of_the_works) {
  virtual_time time;
  works two;
  two.push_back(answering(time.clock, 2s, 1));
  two.push_back(answering(time.clock, 1s, 2));

  const auto answers = time.wait_for(side_by_side(std::move(two)));

  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].value(), 1);
  EXPECT_EQ(answers[1].value(), 2);
}

task<int> plain(clock& time, duration wait, int what) {
  co_await time.sleep_for(wait);
  co_return what;
}

TEST(side_by_side, runs_plain_work) {
  virtual_time time;
  std::vector<task<int>> two;
  two.push_back(plain(time.clock, 2s, 1));
  two.push_back(plain(time.clock, 1s, 2));

  const auto answers = time.wait_for(side_by_side(std::move(two)));

  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].value(), 1);
  EXPECT_EQ(answers[1].value(), 2);
}

TEST(side_by_side, that_two_guards_give_up_ends_its_branches_first_whenever_the_second_comes) {
  for (int turns = 0; turns < 20; ++turns) {
    virtual_time time;
    two_guards of;
    time.tasks.spawn(two_guards::run(of, time.clock));
    time.run_for(1s);

    raise_after(0, of.inner, time.io);
    raise_after(turns, of.outer, time.io);

    ASSERT_TRUE(time.run_until([&] { return of.over; }, 10min)) << turns;
    EXPECT_TRUE(of.branch_had_ended) << turns;
  }
}

task<result<>> all_of_and_then(works those, bool& went_on) {
  co_await side_by_side(std::move(those));
  went_on = true;
  co_return result<>();
}

task<> note_end(task<result<>> guarded, std::optional<result<>>& end) { end.emplace(co_await std::move(guarded)); }

TEST(side_by_side, that_is_given_up_ends_all_its_branches_at_once_and_what_awaits_it) {
  virtual_time time;
  interrupt given_up;
  bool went_on = false;
  std::optional<result<>> end;
  works two;
  for (const auto after : {1h, 2h}) two.push_back(answering(time.clock, after, 1));
  time.tasks.spawn(note_end(given_up.guard(all_of_and_then(std::move(two), went_on)), end));
  time.run_for(1s);

  given_up.raise();
  time.run_for(0s);

  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->error().code(), errc::cancelled);
  EXPECT_FALSE(went_on);
  EXPECT_EQ(time.tasks.running(), 0U);
}

task<std::string> what_it_throws(works those, bool& others_ended) {
  try {
    co_await side_by_side(std::move(those));
  } catch (const std::logic_error& thrown) {
    co_return std::string(thrown.what()) + (others_ended ? "" : " too early");
  }
  co_return "";
}

task<result<int>> answering_until(clock& time, duration wait, bool& over) {
  const ended at_the_end{over};
  co_await time.sleep_for(wait);
  co_return 1;
}

TEST(side_by_side, throws_the_bug_of_one_to_its_parent_when_all_have_ended) {
  virtual_time time;
  bool other_ended = false;
  works two;
  two.push_back(bug(time.clock, 1s));
  two.push_back(answering_until(time.clock, 1min, other_ended));

  EXPECT_EQ(time.wait_for(what_it_throws(std::move(two), other_ended)), "a bug");
}

}  // namespace
}  // namespace lifehook
