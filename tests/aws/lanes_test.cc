#include "aws/lanes.h"

#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

struct lanes_test : testing::Test {
  using under_test = lanes<int, int>;

  static task<result<coalescer<int, int>::answers>> fetch(lanes_test& self, std::vector<int> keys, haste how) {
    self.calls.emplace_back(how, keys.size());
    co_await self.time.clock.sleep_for(10s);
    co_return coalescer<int, int>::answers(keys.begin(), keys.end());
  }
  static task<> keep(lanes_test& self, int key, haste how) {
    const auto answer = co_await self.asked.ask(key, how);
    self.answered.emplace_back(key, answer.value());
  }
  void ask(int key, haste how) { time.tasks.spawn(keep(*this, key, how)); }

  test::virtual_time time;
  std::vector<std::pair<haste, std::size_t>> calls;
  std::vector<std::pair<int, int>> answered;
  under_test asked{time.clock, time.tasks, {{100, 1min}, {100, 5ms}}, [this](auto keys, auto how) {
                     return fetch(*this, std::move(keys), how);
                   }};
};

TEST_F(lanes_test, who_is_in_haste_waits_neither_for_the_others_company_nor_for_their_answer) {
  ask(1, haste::usual);
  time.run_for(1s);
  ask(2, haste::usual);

  ask(3, haste::hurried);
  time.run_for(1ms);

  EXPECT_THAT(calls, ElementsAre(Pair(haste::usual, 1U), Pair(haste::hurried, 1U)));
  EXPECT_TRUE(asked.is_asking(2));
  EXPECT_TRUE(asked.is_asking(3));
  time.run_until([this] { return time.tasks.running() == 0; });
  EXPECT_THAT(answered, testing::UnorderedElementsAre(Pair(1, 1), Pair(2, 2), Pair(3, 3)));
  EXPECT_FALSE(asked.is_asking(3));
}

TEST_F(lanes_test, many_in_haste_share_calls_too) {
  for (int key = 0; key < 50; ++key) ask(key, haste::hurried);

  time.run_until([this] { return time.tasks.running() == 0; });

  EXPECT_THAT(calls, ElementsAre(Pair(haste::hurried, 1U), Pair(haste::hurried, 49U)));
}

}  // namespace
}  // namespace lifehook::aws
