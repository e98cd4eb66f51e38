#include "handlers/drain_look.h"

#include "tests/handlers/context_stage.h"

#include <optional>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

struct sleeper_seen final : tenure::sleeper {
  void woken() override { is_awake = true; }
  bool is_awake = false;
};

// Another drain looks.
struct drains_in_line : context_stage {
  drains_in_line() { drain.emplace(*in, with, looks); }

  std::optional<outcome> look() { return fleet.time.wait_for(drain->look()).value(); }
  bool was_looked_for() const { return fleet.wire.count("ListContainerInstances") > 0; }

  drain_settings with = [] {
    drain_settings of;
    of.clusters.names = {"prod"};
    return of;
  }();
  turnstile looks{fleet.time.clock, {1, 1h}};
  std::unique_ptr<turnstile::visit> other = std::make_unique<turnstile::visit>(looks, [] {});
  std::optional<drain_look> drain;
};

TEST_F(drains_in_line, ask_nothing_before_their_turn) {
  EXPECT_FALSE(look().has_value());
  EXPECT_FALSE(was_looked_for());
  EXPECT_EQ(drain->until_next().wait, 1min) << "or until its turn";

  other.reset();
  look();

  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 1U);
}

TEST_F(drains_in_line, are_woken_at_their_turn) {
  sleeper_seen sleeper;
  look();
  keeps.wake_by(&sleeper);
  EXPECT_FALSE(sleeper.is_awake);

  other.reset();

  EXPECT_TRUE(sleeper.is_awake);
}

TEST_F(drains_in_line, that_were_not_proven_begin_once_they_are) {
  const auto proof = std::make_shared<latch>(fleet.time.io.get_executor());
  keeps.set_proof(proof);
  EXPECT_FALSE(look().has_value());
  proof->set();
  EXPECT_FALSE(look().has_value()) << "they stand in line now";
  EXPECT_FALSE(was_looked_for());

  other.reset();
  look();

  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 1U);
}

TEST_F(drains_in_line, let_the_next_go_once_theirs_is_over) {
  other.reset();
  look();

  EXPECT_FALSE(looks.is_full());
}

TEST_F(drains_in_line, stand_there_for_each_look) {
  run_a_standalone_task();
  other.reset();
  EXPECT_FALSE(look().has_value());
  other = std::make_unique<turnstile::visit>(looks, [] {});
  const auto before = fleet.wire.count("DescribeContainerInstances");

  EXPECT_FALSE(look().has_value());
  EXPECT_EQ(fleet.wire.count("DescribeContainerInstances"), before);
  EXPECT_EQ(drain->until_next().wait, 1min);
  other.reset();
  EXPECT_FALSE(look().has_value());

  EXPECT_EQ(fleet.wire.count("DescribeContainerInstances"), before + 1);
}

TEST_F(drains_in_line, do_not_stand_there_before_they_are_proven) {
  keeps.set_proof(std::make_shared<latch>(fleet.time.io.get_executor()));
  EXPECT_FALSE(look().has_value());
  other.reset();

  const turnstile::visit behind(looks, [] {});

  EXPECT_TRUE(behind.has_turn());
}

TEST_F(drains_in_line, are_none_of_an_interruption) {
  about->kind = event_kind::spot_interruption;

  look();

  EXPECT_EQ(fleet.wire.count("UpdateContainerInstancesState"), 1U);
}

}  // namespace
}  // namespace lifehook::handlers
