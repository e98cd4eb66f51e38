#include "handlers/turnstile.h"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

namespace lifehook::handlers {
namespace {

using testing::ElementsAre;

struct turnstile_test : testing::Test {
  std::unique_ptr<turnstile::visit> visit(int who) {
    return std::make_unique<turnstile::visit>(under_test, [this, who] { told.push_back(who); });
  }

  turnstile under_test{2};
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

}  // namespace
}  // namespace lifehook::handlers
