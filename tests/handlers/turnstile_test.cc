#include "handlers/turnstile.h"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct turnstile_test : testing::Test {
  std::unique_ptr<turnstile::visit> visit(int who, duration by = duration::max()) {
    return std::make_unique<turnstile::visit>(under_test, [this, who] { told.push_back(who); }, by);
  }

  virtual_clock time{time_point()};
  turnstile under_test{time, {2, 30s}};
  std::vector<int> told;
};

TEST_F(turnstile_test, lets_so_many_through_at_once) {
  const auto first = visit(1);
  EXPECT_FALSE(under_test.is_full());
  const auto second = visit(2);
  const auto third = visit(3);

  EXPECT_TRUE(under_test.is_full());
  EXPECT_TRUE(first->has_turn());
  EXPECT_TRUE(second->has_turn());
  EXPECT_FALSE(third->has_turn());
  EXPECT_THAT(told, ElementsAre()) << "who goes through at once knows";
}

TEST_F(turnstile_test, tells_the_next_in_line_in_the_order_they_came) {
  auto first = visit(1);
  auto second = visit(2);
  const auto third = visit(3);
  const auto fourth = visit(4);

  second.reset();
  EXPECT_TRUE(third->has_turn());
  EXPECT_FALSE(fourth->has_turn());
  first.reset();

  EXPECT_THAT(told, ElementsAre(3, 4));
  EXPECT_TRUE(under_test.is_full());
}

TEST_F(turnstile_test, passes_over_who_has_left_the_line) {
  auto first = visit(1);
  const auto second = visit(2);
  auto third = visit(3);
  const auto fourth = visit(4);

  third.reset();
  EXPECT_THAT(told, ElementsAre());
  first.reset();

  EXPECT_THAT(told, ElementsAre(4));
}

TEST_F(turnstile_test, is_open_again_once_all_have_left) {
  visit(1);
  visit(2);
  visit(3);

  EXPECT_FALSE(under_test.is_full());
  EXPECT_TRUE(visit(4)->has_turn());
}

TEST_F(turnstile_test, lets_another_through_where_one_takes_too_long) {
  auto first = visit(1);
  time.advance(10s);
  auto second = visit(2);
  auto third = visit(3);
  const auto fourth = visit(4);

  time.advance(20s);
  EXPECT_THAT(told, ElementsAre(3));
  EXPECT_TRUE(first->has_turn()) << "it goes on";
  first.reset();
  EXPECT_THAT(told, ElementsAre(3)) << "it does not count any more";
  second.reset();
  EXPECT_THAT(told, ElementsAre(3, 4));

  time.advance(1min);
  EXPECT_FALSE(under_test.is_full());
}

TEST_F(turnstile_test, tells_first_who_is_to_be_through_first) {
  auto first = visit(1);
  auto second = visit(2);
  const auto calm = visit(3, 60s);
  const auto urgent = visit(4, 20s);
  const auto as_urgent = visit(5, 20s);

  first.reset();
  second.reset();

  EXPECT_THAT(told, ElementsAre(4, 5));
  EXPECT_FALSE(calm->has_turn());
}

TEST_F(turnstile_test, lets_through_who_was_to_be_through_by_now_however_many_are) {
  const auto first = visit(1);
  const auto second = visit(2);
  const auto third = visit(3, 10s);
  const auto fourth = visit(4, 40s);

  time.advance(9s);
  EXPECT_THAT(told, ElementsAre());
  time.advance(1s);
  EXPECT_THAT(told, ElementsAre(3));
  const auto late = visit(5, 10s);
  EXPECT_TRUE(late->has_turn()) << "at once, where it is time already";
  EXPECT_TRUE(under_test.is_full());
}

TEST_F(turnstile_test, shares_with_others_what_is_left_above_its_least) {
  turnstile::common shared{4};
  turnstile one(time, {4, 30s, 1, &shared}), other(time, {4, 30s, 1, &shared});
  const auto come = [](turnstile& to) { return std::make_unique<turnstile::visit>(to, [] {}); };
  std::vector<std::unique_ptr<turnstile::visit>> first;
  for (int i = 0; i < 4; ++i) first.push_back(come(one));
  EXPECT_TRUE(first.back()->has_turn());

  const auto least = come(other), above = come(other);
  EXPECT_TRUE(least->has_turn());
  EXPECT_FALSE(above->has_turn());
  const auto behind = come(one);
  first.pop_back();
  EXPECT_FALSE(behind->has_turn()) << "as many are through as before they came";
  first.clear();

  EXPECT_TRUE(behind->has_turn());
  time.advance(31s);
  EXPECT_TRUE(above->has_turn());
  EXPECT_EQ(shared.through, 1U) << "the others' time is over";
}

TEST_F(turnstile_test, whom_it_tells_may_leave_and_be_gone) {
  auto first = visit(1);
  const auto second = visit(2);
  std::unique_ptr<turnstile::visit> third;
  third = std::make_unique<turnstile::visit>(under_test, [&] { third.reset(); });
  const auto fourth = visit(4);

  first.reset();

  EXPECT_THAT(told, ElementsAre(4));
}

// As calls do that fail at once, where there are no credentials.
TEST_F(turnstile_test, thousands_that_leave_as_soon_as_they_are_told_do_not_go_deep) {
  auto first = visit(1);
  const auto second = visit(2);
  std::vector<std::unique_ptr<turnstile::visit>> others(100'000);
  for (auto& each : others) each = std::make_unique<turnstile::visit>(under_test, [&each] { each.reset(); });

  first.reset();

  EXPECT_THAT(others, testing::Each(testing::IsNull()));
  EXPECT_FALSE(under_test.is_full());
}

}  // namespace
}  // namespace lifehook::handlers
