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

// A look at which AWS says that all it is asked about is open, but for `over`: how many are orphans.
std::size_t orphans_at(orphan_sightings& seen, const wait_look& at, const std::string& over = {}) {
  for (const auto& each : seen.suspects(at))
    each.about.instance == over ? seen.is_not_open(each.about) : seen.is_open(each.about, at.when);
  return seen.orphans(at).size();
}

TEST(orphan_sightings, a_wait_without_a_message_is_an_orphan_after_its_time) {
  orphan_sightings seen(2min);

  EXPECT_EQ(orphans_at(seen, look(0s, {wait_of("i-1")})), 0U);
  EXPECT_EQ(orphans_at(seen, look(1min, {wait_of("i-1")})), 0U);
  EXPECT_EQ(orphans_at(seen, look(2min, {wait_of("i-1")})), 1U);
}

TEST(orphan_sightings, as_many_messages_as_waits_may_be_theirs) {
  orphan_sightings seen(2min);

  for (auto when : {0min, 2min, 10min}) EXPECT_TRUE(seen.suspects(look(when, {wait_of("i-1")}, 2, 1)).empty());
}

TEST(orphan_sightings, one_message_too_few_makes_orphans_of_all_that_are_not_in_hand) {
  orphan_sightings seen(2min);
  seen.suspects(look(0s, {wait_of("i-1"), wait_of("i-2")}, 2, 1));

  EXPECT_EQ(orphans_at(seen, look(2min, {wait_of("i-1"), wait_of("i-2")}, 2, 1)), 2U);
}

TEST(orphan_sightings, what_another_hook_holds_is_not_one_too_many) {
  orphan_sightings seen(2min);
  const std::vector waits{wait_of("i-1"), wait_of("i-2")};
  seen.suspects(look(0s, waits, 1));

  EXPECT_EQ(orphans_at(seen, look(2min, waits, 1), "i-1"), 0U);

  EXPECT_TRUE(seen.suspects(look(10min, waits, 1)).empty());
}

TEST(orphan_sightings, a_message_seen_in_between_begins_the_time_anew) {
  orphan_sightings seen(2min);

  orphans_at(seen, look(0s, {wait_of("i-1")}));
  orphans_at(seen, look(1min, {wait_of("i-1")}, 1));

  EXPECT_EQ(orphans_at(seen, look(2min, {wait_of("i-1")})), 0U);
  EXPECT_EQ(orphans_at(seen, look(4min, {wait_of("i-1")})), 1U);
}

TEST(orphan_sightings, a_short_hook_is_asked_about_soon_and_an_orphan_no_sooner_than_others) {
  orphan_sightings seen(2min);
  seen.note_timeout(60s);
  EXPECT_EQ(seen.pause(), 15s);
  orphans_at(seen, look(0s, {wait_of("i-1", 60s)}));

  for (auto when : {15s, 30s, 45s, 60s, 75s, 90s, 105s}) {
    const auto at = look(when, {wait_of("i-1", 60s)});
    EXPECT_EQ(seen.suspects(at).size(), 1U) << when.count();
    seen.is_open(wait_of("i-1").about, when);
    EXPECT_TRUE(seen.orphans(at).empty());
  }

  EXPECT_EQ(orphans_at(seen, look(2min, {wait_of("i-1", 60s)})), 1U);
}

TEST(orphan_sightings, a_short_hook_is_asked_about_again_after_a_quarter_of_its_timeout) {
  orphan_sightings seen(2min);
  seen.suspects(look(0s, {wait_of("i-1", 200s)}));
  ASSERT_EQ(seen.suspects(look(50s, {wait_of("i-1", 200s)})).size(), 1U);
  seen.is_open(wait_of("i-1").about, 50s);

  EXPECT_TRUE(seen.suspects(look(60s, {wait_of("i-1", 200s)})).empty());
  EXPECT_EQ(seen.suspects(look(100s, {wait_of("i-1", 200s)})).size(), 1U);
}

TEST(orphan_sightings, a_hook_that_lives_until_it_may_be_adopted_is_not_asked_about_before) {
  orphan_sightings seen(2min);
  seen.suspects(look(0s, {wait_of("i-1", 240s)}));

  EXPECT_TRUE(seen.suspects(look(1min, {wait_of("i-1", 240s)})).empty());
  EXPECT_EQ(seen.suspects(look(2min, {wait_of("i-1", 240s)})).size(), 1U);
}

TEST(orphan_sightings, an_orphan_that_cannot_be_told_of_is_one_for_as_long_as_it_is_kept_open) {
  orphan_sightings seen(2min);

  for (auto when = 0min; when < 2min; when += 1min) orphans_at(seen, look(when, {wait_of("i-1", 300s)}));

  for (auto when = 2min; when < 30min; when += 1min)
    EXPECT_EQ(orphans_at(seen, look(when, {wait_of("i-1", 300s)})), 1U) << when.count();
}

TEST(orphan_sightings, what_waits_longer_than_its_timeout_somebody_keeps_open) {
  orphan_sightings seen(2min);
  orphans_at(seen, look(0s, {wait_of("i-1", 300s)}, 1));

  for (auto when = 6min; when < 2h; when += 1min)
    EXPECT_EQ(orphans_at(seen, look(when, {wait_of("i-1", 300s)})), 0U) << when.count();
}

TEST(orphan_sightings, what_somebody_keeps_open_is_asked_about_too_rarely_to_live_by_it) {
  orphan_sightings seen(2min);
  orphans_at(seen, look(0s, {wait_of("i-1", 300s)}, 1));
  std::size_t asked = 0;

  for (auto when = 6min; when < 26min; when += 1min) {
    const auto at = look(when, {wait_of("i-1", 300s)});
    const auto suspects = seen.suspects(at);
    for (const auto& each : suspects) seen.is_open(each.about, when);
    asked += suspects.size();
  }

  EXPECT_EQ(asked, 2U);
}

TEST(orphan_sightings, what_was_told_of_is_none_until_it_has_ended) {
  orphan_sightings seen(2min);
  orphans_at(seen, look(0s, {wait_of("i-1")}));
  ASSERT_EQ(orphans_at(seen, look(2min, {wait_of("i-1")})), 1U);

  seen.told_of(wait_of("i-1").about);

  EXPECT_EQ(orphans_at(seen, look(3min, {wait_of("i-1")})), 0U);
  orphans_at(seen, look(4min, {}));
  orphans_at(seen, look(5min, {wait_of("i-1")}));
  EXPECT_EQ(orphans_at(seen, look(7min, {wait_of("i-1")})), 1U) << "another wait of the same names";
}

}  // namespace
}  // namespace lifehook::worker
