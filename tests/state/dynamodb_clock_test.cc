#include "state/dynamodb_records.h"
#include "tests/state/dynamodb_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lifehook::state {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;
using testing::Optional;

struct dynamodb_clock_test : testing::Test {
  store& one() { return stage.one(); }
  store& other() { return stage.other(); }
  template <class T>
  T wait(task<T> work) {
    return stage.time.wait_for(std::move(work));
  }

  dynamodb_stage stage;
};

// One machine's clock is wrong, which AWS's answers have told.
struct wrong_clock_test : dynamodb_clock_test, testing::WithParamInterface<duration> {
  wrong_clock_test() {
    stage.there.time.ahead = GetParam();
    stage.world.faults().add({.kind = fault_kind::clock_skew});  // signatures of another time are refused
    EXPECT_TRUE(wait(one().probe()).has_value());
    EXPECT_TRUE(wait(other().probe()).has_value());
  }
};

TEST_P(wrong_clock_test, ends_no_lock_of_another_early_and_keeps_none_for_long) {
  for (auto* const first : {&one(), &other()}) {
    auto& second = first == &one() ? other() : one();
    EXPECT_TRUE(wait(first->lock("web-fleet", "dies", 30s)).value());
    stage.time.run_for(20s);
    EXPECT_FALSE(wait(second.lock("web-fleet", "next", 30s)).value());

    stage.time.run_for(20s);

    EXPECT_TRUE(wait(second.lock("web-fleet", "next", 30s)).value());
    wait(second.unlock("web-fleet", "next")).value();
  }
}

TEST_P(wrong_clock_test, ends_no_note_early_or_late) {
  wait(one().write_note("raise#i-1", "3", 10min)).value();
  wait(other().write_note("raise#i-2", "4", 10min)).value();
  stage.time.run_for(9min);
  EXPECT_THAT(wait(other().note("raise#i-1")).value(), Optional(std::string("3")));
  EXPECT_EQ(wait(other().note_once("raise#i-1", "5", 10min)).value(), "3");
  EXPECT_THAT(wait(one().note("raise#i-2")).value(), Optional(std::string("4")));

  stage.time.run_for(2min);

  EXPECT_EQ(wait(other().note("raise#i-1")).value(), std::nullopt);
  EXPECT_EQ(wait(one().note("raise#i-2")).value(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(, wrong_clock_test, testing::Values(-1h, -12s, 12s, 1h));

TEST_F(dynamodb_clock_test, a_lock_that_a_wrong_clock_took_for_an_hour_blocks_no_longer_than_any) {
  wait(stage.there.table.put(records::lock_item("web-fleet", "dead", 1, stage.time.clock.now() + 1h))).value();
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(wait(one().lock("web-fleet", "me", 30s)).value());
    stage.time.run_for(250ms);
  }

  stage.time.run_for(30s);

  EXPECT_TRUE(wait(one().lock("web-fleet", "me", 30s)).value());
}

TEST_F(dynamodb_clock_test, a_lock_that_is_held_is_let_go_whoever_waited_for_it) {
  ASSERT_TRUE(wait(one().lock("web-fleet", "me", 30s)).value());
  stage.there.time.ahead = -2s;  // too little for answers to tell
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(wait(other().lock("web-fleet", "you", 30s)).value());
  EXPECT_LE(stage.world.calls().at("dynamodb.PutItem"), 130U);

  wait(one().unlock("web-fleet", "me")).value();

  EXPECT_TRUE(wait(other().lock("web-fleet", "you", 30s)).value());
}

}  // namespace
}  // namespace lifehook::state
