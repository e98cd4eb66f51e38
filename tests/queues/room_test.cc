#include "queues/room.h"

#include "base/metrics.h"
#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>

#include <vector>

namespace lifehook::queues {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

struct room_test : testing::Test {
  room make(std::size_t limit) { return {time.clock, time.io.get_executor(), counts, log, "lifecycle", limit}; }
  std::string seconds_full(room& of) {
    of.count_full();
    const auto text = counts.exposition();
    const std::string_view before = R"(lifehook_queue_full_seconds_total{queue="lifecycle"} )";
    const auto begin = text.find(before) + before.size();
    return text.substr(begin, text.find('\n', begin) - begin);
  }
  static task<> wait_for(room& of, bool& woken) {
    co_await of.wait();
    woken = true;
  }

  test::virtual_time time;
  metrics counts;
  std::vector<std::string> lines;
  logger log{time.clock, log_level::info, log_format::json,
             [this](std::string_view line) { lines.emplace_back(line); }};
};

TEST_F(room_test, is_reserved_by_ten_at_most) {
  auto under_test = make(12);

  EXPECT_EQ(under_test.reserve(), 10U);
  EXPECT_EQ(under_test.reserve(), 2U);
  EXPECT_EQ(under_test.reserve(), 0U);
}

TEST_F(room_test, that_is_given_back_may_be_reserved_again) {
  auto under_test = make(5);
  const auto reserved = under_test.reserve();

  under_test.give_back(reserved);

  EXPECT_EQ(under_test.reserve(), 5U);
}

TEST_F(room_test, is_taken_by_what_is_in_hand) {
  auto under_test = make(5);

  under_test.note(3);
  EXPECT_EQ(under_test.reserve(), 2U);

  under_test.note(7);
  EXPECT_EQ(under_test.reserve(), 0U);
}

TEST_F(room_test, is_waited_for_until_something_leaves_the_hand) {
  auto under_test = make(2);
  under_test.note(2);
  bool woken = false;
  time.tasks.spawn(wait_for(under_test, woken));
  time.run_for(1min);
  EXPECT_FALSE(woken);

  under_test.note(1);
  time.run_for(0s);

  EXPECT_TRUE(woken);
}

TEST_F(room_test, is_not_waited_for_any_more_once_closed) {
  auto under_test = make(1);
  under_test.note(1);
  bool woken = false;
  time.tasks.spawn(wait_for(under_test, woken));
  time.run_for(30s);

  under_test.close();
  time.run_for(5min);

  EXPECT_TRUE(woken);
  EXPECT_EQ(seconds_full(under_test), "30");
  EXPECT_THAT(lines, SizeIs(1));
}

TEST_F(room_test, counts_the_time_there_was_none) {
  auto under_test = make(1);
  EXPECT_EQ(seconds_full(under_test), "0");
  time.run_for(10s);

  under_test.note(1);
  time.run_for(20s);
  EXPECT_EQ(seconds_full(under_test), "20");
  time.run_for(5s);
  under_test.note(0);
  time.run_for(1min);

  EXPECT_EQ(seconds_full(under_test), "25");
}

TEST_F(room_test, that_is_missing_is_said_at_once_and_once_a_minute) {
  auto under_test = make(1);

  under_test.note(1);
  time.run_for(0s);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr("queue_full"));

  time.run_for(130s);
  EXPECT_THAT(lines, SizeIs(3));
}

TEST_F(room_test, that_comes_and_goes_is_said_to_be_missing_no_more_often) {
  auto under_test = make(1);

  for (int second = 0; second < 90; ++second) {
    under_test.note(second % 2 == 0 ? 1 : 0);
    time.run_for(1s);
  }

  EXPECT_THAT(lines, SizeIs(2));
}

}  // namespace
}  // namespace lifehook::queues
