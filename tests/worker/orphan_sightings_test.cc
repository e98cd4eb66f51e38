#include "worker/orphan_sightings.h"

#include <gtest/gtest.h>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;

handlers::open_wait wait_of(std::string instance, std::chrono::seconds heartbeat_timeout = 1h) {
  handlers::open_wait one;
  one.about.instance = std::move(instance);
  one.about.hook = "drain";
  one.heartbeat_timeout = heartbeat_timeout;
  return one;
}

wait_look look(duration when, std::vector<handlers::open_wait> waits, double messages = 0, std::size_t in_hand = 0) {
  return {when, std::move(waits), in_hand, messages};
}

TEST(orphan_sightings, a_wait_without_a_message_is_a_suspect_after_its_time) {
  orphan_sightings seen(2min);

  EXPECT_TRUE(seen.suspects(look(0s, {wait_of("i-1")})).empty());
  EXPECT_TRUE(seen.suspects(look(1min, {wait_of("i-1")})).empty());
  ASSERT_EQ(seen.suspects(look(2min, {wait_of("i-1")})).size(), 1U);
}

TEST(orphan_sightings, as_many_messages_as_waits_may_be_theirs) {
  orphan_sightings seen(2min);

  for (auto when : {0min, 2min, 10min}) EXPECT_TRUE(seen.suspects(look(when, {wait_of("i-1")}, 2, 1)).empty());
}

TEST(orphan_sightings, one_message_too_few_makes_suspects_of_all_that_are_not_in_hand) {
  orphan_sightings seen(2min);

  seen.suspects(look(0s, {wait_of("i-1"), wait_of("i-2")}, 2, 1));

  EXPECT_EQ(seen.suspects(look(2min, {wait_of("i-1"), wait_of("i-2")}, 2, 1)).size(), 2U);
}

TEST(orphan_sightings, a_message_seen_in_between_begins_the_time_anew) {
  orphan_sightings seen(2min);

  seen.suspects(look(0s, {wait_of("i-1")}));
  seen.suspects(look(1min, {wait_of("i-1")}, 1));

  EXPECT_TRUE(seen.suspects(look(2min, {wait_of("i-1")})).empty());
  EXPECT_EQ(seen.suspects(look(4min, {wait_of("i-1")})).size(), 1U);
}

TEST(orphan_sightings, half_of_a_short_hooks_timeout_is_long_enough) {
  orphan_sightings seen(2min);

  seen.suspects(look(0s, {wait_of("i-1", 60s)}));

  EXPECT_EQ(seen.suspects(look(30s, {wait_of("i-1", 60s)})).size(), 1U);
  EXPECT_EQ(seen.pause(), 15s);
}

TEST(orphan_sightings, what_waits_longer_than_its_timeout_somebody_keeps_open) {
  orphan_sightings seen(2min);

  seen.suspects(look(0s, {wait_of("i-1", 300s)}, 1));

  EXPECT_TRUE(seen.suspects(look(4min, {wait_of("i-1", 300s)})).empty());
  EXPECT_TRUE(seen.suspects(look(7min, {wait_of("i-1", 300s)})).empty());
}

TEST(orphan_sightings, a_settled_wait_is_none_until_it_has_ended) {
  orphan_sightings seen(2min);
  seen.suspects(look(0s, {wait_of("i-1")}));
  const auto found = seen.suspects(look(2min, {wait_of("i-1")}));
  ASSERT_EQ(found.size(), 1U);

  seen.settle(found.front().about);

  EXPECT_TRUE(seen.suspects(look(3min, {wait_of("i-1")})).empty());
  seen.suspects(look(4min, {}));
  seen.suspects(look(5min, {wait_of("i-1")}));
  EXPECT_EQ(seen.suspects(look(7min, {wait_of("i-1")})).size(), 1U) << "another wait of the same names";
}

}  // namespace
}  // namespace lifehook::worker
