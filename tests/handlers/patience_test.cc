#include "handlers/patience.h"

#include "tests/support/virtual_time.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

// An event that may be held for ten minutes, in a queue that lets it be held for eleven hours.
struct patience : testing::Test {
  patience() {
    under.received = under.sent = under.first_received = time.clock.now();
    under.hold_until = under.received + 10min;
    under.release_by = under.received + 11h;
    under.longest_delay = 12h;
  }
  // How long a rest took in hand; nullopt: it gave the message back.
  std::optional<duration> rested(duration after, task<> (*rests)(clock&, tenure&, duration), duration wait) {
    time.run_for(after);
    keeps.emplace(under);
    const auto before = time.clock.now();
    const auto ended = time.wait_for(keeps->work().guard(rests(time.clock, *keeps, wait)));
    if (ended.has_error()) return std::nullopt;
    return time.clock.now() - before;
  }
  static task<> by_terms(clock& on, tenure& of, duration wait) { return rest_or_requeue(on, of, wait); }
  static task<> in_hand(clock& on, tenure& of, duration wait) { return rest_in_hand(on, of, wait); }

  attempts asking() { return {time.clock, random, {1s, 1s}, log, "asking_failed", "asking"}; }
  // Answers at the third time.
  task<result<int>> ask() {
    ++asked;
    if (asked < 3) co_return error{errc::unreachable, "not yet"};
    co_return asked;
  }

  test::virtual_time time;
  tenure::terms under;
  std::optional<tenure> keeps;
  random_source random{1};
  std::vector<std::string> lines;
  logger log{time.clock, log_level::info, log_format::json,
             [this](std::string_view line) { lines.emplace_back(line); }};
  int asked = 0;
};

TEST_F(patience, a_rest_is_spent_in_hand_until_the_message_was_held_long_enough) {
  EXPECT_EQ(rested(9min, by_terms, 30s), 30s);
  EXPECT_EQ(rested(1min, by_terms, 30s), std::nullopt);
  EXPECT_EQ(keeps->delay(), 30s);
}

TEST_F(patience, a_rest_in_hand_is_spent_there_until_the_queue_wants_its_message_back) {
  EXPECT_EQ(rested(10h, in_hand, 30s), 30s);
  EXPECT_EQ(rested(1h, in_hand, 30s), std::nullopt);
}

TEST_F(patience, a_long_rest_that_needs_nobody_is_spent_in_the_queue) {
  EXPECT_EQ(rested(0s, rest_in_queue, 1min), 1min) << "not worth it";
  EXPECT_EQ(rested(0s, rest_in_queue, 5h), std::nullopt);
  EXPECT_EQ(keeps->delay(), 5h);
}

TEST_F(patience, a_long_rest_of_a_message_that_may_not_go_back_is_a_minute_in_hand) {
  under.may_requeue = false;

  EXPECT_EQ(rested(0s, rest_in_queue, 5h), 1min);
}

TEST_F(patience, what_is_asked_until_answered_says_every_failure) {
  tenure held(under);

  const auto answer = time.wait_for(ask_whatever_fails(asking(), held, rest_or_requeue, [this] { return ask(); }));

  EXPECT_EQ(answer.value(), 3);
  EXPECT_EQ(lines.size(), 2U);
}

TEST_F(patience, what_may_come_again_for_an_answer_is_asked_once) {
  tenure held(under);

  EXPECT_TRUE(time.wait_for(ask_while_kept(asking(), held, [this] { return ask(); })).has_error());

  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(lines.empty());
}

TEST_F(patience, what_may_not_come_again_is_asked_until_answered) {
  under.may_requeue = false;
  tenure held(under);

  EXPECT_EQ(time.wait_for(ask_while_kept(asking(), held, [this] { return ask(); })).value(), 3);
  EXPECT_EQ(lines.size(), 2U);
}

TEST_F(patience, what_the_queue_wants_back_is_asked_once_though_it_may_not_come_again) {
  under.may_requeue = false;
  under.release_by = time.clock.now();
  tenure held(under);

  EXPECT_TRUE(time.wait_for(ask_while_kept(asking(), held, [this] { return ask(); })).has_error());

  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace lifehook::handlers
