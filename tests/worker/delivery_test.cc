#include "worker/delivery.h"

#include <gtest/gtest.h>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;
using handlers::verdict;
using kind = handlers::verdict::kind;

TEST(combine, one_verdict_is_itself) {
  const auto together = combine({{kind::requeue, 7s}});

  EXPECT_EQ(together.what, kind::requeue);
  EXPECT_EQ(together.delay, 7s);
}

TEST(combine, a_message_is_removed_when_all_its_events_are_over) {
  EXPECT_EQ(combine({{kind::remove}, {kind::remove}, {kind::remove}}).what, kind::remove);
}

TEST(combine, a_message_without_events_is_removed) { EXPECT_EQ(combine({}).what, kind::remove); }

TEST(combine, one_event_that_is_not_over_keeps_the_message) {
  EXPECT_EQ(combine({{kind::remove}, {kind::requeue, 5s}, {kind::remove}}).what, kind::requeue);
  EXPECT_EQ(combine({{kind::retry}, {kind::remove}}).what, kind::retry);
  EXPECT_EQ(combine({{kind::remove}, {kind::leave}}).what, kind::leave);
}

TEST(combine, the_most_careful_wins_in_any_order) {
  EXPECT_EQ(combine({{kind::requeue, 5s}, {kind::retry}}).what, kind::retry);
  EXPECT_EQ(combine({{kind::retry}, {kind::requeue, 5s}}).what, kind::retry);
  EXPECT_EQ(combine({{kind::leave}, {kind::retry}, {kind::requeue, 5s}}).what, kind::leave);
  EXPECT_EQ(combine({{kind::requeue, 5s}, {kind::retry}, {kind::leave}}).what, kind::leave);
}

TEST(combine, the_shortest_delay_brings_the_message_back) {
  EXPECT_EQ(combine({{kind::requeue, 30s}, {kind::requeue, 5s}, {kind::requeue, 10s}}).delay, 5s);
  EXPECT_EQ(combine({{kind::remove}, {kind::requeue, 30s}, {kind::remove}}).delay, 30s);
}

}  // namespace
}  // namespace lifehook::worker
