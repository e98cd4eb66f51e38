#include "worker/orphan_sightings.h"

#include <gtest/gtest.h>

#include <utility>

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

using waits = std::vector<handlers::open_wait>;

// Looks of a worker, at times of its own, and what AWS says when it is asked: all is open, but for `over`.
struct watching {
  explicit watching(duration after = 2min) : seen(after) {}

  // How many are orphans.
  std::size_t look(duration when, waits of, double messages = 0, const waits& in_hand = {}) {
    wait_look at{when, std::move(of)};
    for (const auto& each : in_hand) at.in_hand.push_back(key_of(each.about));
    seen.note_messages(messages, when);
    const auto suspects = seen.suspects(at);
    asked += suspects.size();
    for (const auto& each : suspects)
      each.about.instance == over ? seen.note_not_open(each.about) : seen.note_open(each.about, when);
    last_orphans = seen.orphans(at);
    return last_orphans.size();
  }

  orphan_sightings seen;
  std::string over;
  std::size_t asked = 0;
  std::vector<orphan> last_orphans;
};

TEST(orphan_sightings, a_wait_without_a_message_is_an_orphan_after_its_time) {
  watching worker;

  EXPECT_EQ(worker.look(0s, {wait_of("i-1")}), 0U);
  EXPECT_EQ(worker.look(75s, {wait_of("i-1")}), 0U);
  EXPECT_EQ(worker.look(150s, {wait_of("i-1")}), 1U);
}

TEST(orphan_sightings, as_many_messages_as_waits_may_be_theirs) {
  watching worker;

  for (auto when : {0s, 75s, 150s, 225s, 600s}) EXPECT_EQ(worker.look(when, {wait_of("i-1")}, 2, {wait_of("i-9")}), 0U);

  EXPECT_EQ(worker.asked, 0U);
}

TEST(orphan_sightings, what_is_listed_twice_waits_once) {
  watching worker;
  const waits twice{wait_of("i-9"), wait_of("i-9")};

  for (auto when : {0s, 75s, 150s, 225s}) EXPECT_EQ(worker.look(when, {wait_of("i-1")}, 2, twice), 0U);

  EXPECT_EQ(worker.asked, 0U);
}

TEST(orphan_sightings, one_message_too_few_makes_orphans_of_all_that_are_not_in_hand) {
  watching worker;
  const waits two{wait_of("i-1"), wait_of("i-2")};

  worker.look(0s, two, 2, {wait_of("i-3")});
  worker.look(75s, two, 2, {wait_of("i-3")});

  EXPECT_EQ(worker.look(150s, two, 2, {wait_of("i-3")}), 2U);
}

TEST(orphan_sightings, what_another_hook_holds_is_not_one_too_many) {
  watching worker;
  worker.over = "i-1";

  for (auto when : {0s, 75s, 150s, 225s, 600s})
    EXPECT_EQ(worker.look(when, {wait_of("i-1"), wait_of("i-2")}, 1), 0U) << when.count();

  EXPECT_EQ(worker.asked, 2U);
}

TEST(orphan_sightings, a_look_is_judged_once_its_messages_are_counted) {
  watching worker;
  for (auto when = 0s; when <= 600s; when += 75s) {
    EXPECT_EQ(worker.look(when, {wait_of("i-1")}), 0U);
    worker.seen.note_messages(1, when + 60s);
  }

  EXPECT_EQ(worker.asked, 0U);
}

TEST(orphan_sightings, what_was_counted_just_before_a_look_may_be_listed_still) {
  watching worker;
  worker.look(0s, {wait_of("i-1")}, 1);

  for (auto when = 75s; when <= 600s; when += 75s) {
    worker.seen.note_messages(1, when - 20s);
    EXPECT_EQ(worker.look(when, {wait_of("i-1")}), 0U);
  }
}

// Each wait comes half a minute before its message is counted, three of them between two looks.
TEST(orphan_sightings, waits_that_become_more_and_more_while_counts_lag_are_no_orphans) {
  watching worker;
  waits all;

  for (int i = 0; i < 60; ++i) {
    for (int more = 0; more < 3; ++more) all.push_back(wait_of("i-" + std::to_string(all.size())));
    EXPECT_EQ(worker.look(i * 75s, all, static_cast<double>(all.size()) - 3), 0U);
    worker.seen.note_messages(static_cast<double>(all.size()), i * 75s + 60s);
  }

  EXPECT_LE(worker.asked, all.size()) << "to be kept from their end, half an hour at most";
}

TEST(orphan_sightings, among_hooks_that_come_and_go_the_short_looks_of_ten_minutes_tell) {
  watching worker;
  const waits two{wait_of("i-1"), wait_of("i-2")};

  EXPECT_EQ(worker.look(0s, two, 1), 0U);
  EXPECT_EQ(worker.look(75s, two, 2), 0U);
  EXPECT_EQ(worker.look(150s, two, 1), 0U) << "too many were counted at the look before";
  for (auto when = 225s; when < 450s; when += 75s) EXPECT_EQ(worker.look(when, two, 2), 0U);
  EXPECT_EQ(worker.look(450s, two, 1), 0U);
  EXPECT_EQ(worker.look(525s, two, 1), 0U) << "the first short look";
  for (auto when = 600s; when < 900s; when += 75s) EXPECT_EQ(worker.look(when, two, 2), 0U);
  EXPECT_EQ(worker.look(900s, two, 1), 0U);

  EXPECT_EQ(worker.look(975s, two, 1), 2U) << "the second one";
}

TEST(orphan_sightings, a_short_look_long_ago_tells_nothing) {
  watching worker;
  const waits two{wait_of("i-1"), wait_of("i-2")};
  worker.look(0s, two, 1);
  worker.look(75s, two, 1);
  for (auto when = 150s; when < 900s; when += 75s) worker.look(when, two, 2);

  worker.look(900s, two, 1);

  EXPECT_EQ(worker.look(975s, two, 1), 0U);
  EXPECT_EQ(worker.look(1050s, two, 1), 2U);
}

// Looks fail, and counts are still told: of all of them none would ever be let go.
TEST(orphan_sightings, a_look_that_no_other_follows_for_an_hour_tells_nothing) {
  for (const auto [gap, told] : {std::pair{50min, 1U}, {70min, 0U}}) {
    watching worker;
    worker.look(0s, {wait_of("i-1", 2h)});
    for (duration when = 10s; when < gap; when += 10s) worker.seen.note_messages(0, when);

    EXPECT_EQ(worker.look(gap, {wait_of("i-1", 2h)}), told) << gap.count();
  }
}

TEST(orphan_sightings, counts_are_wanted_while_a_wait_may_turn_out_to_be_an_orphan) {
  watching worker;
  EXPECT_FALSE(worker.seen.wants_counts());
  worker.look(0s, {wait_of("i-1")});
  EXPECT_TRUE(worker.seen.wants_counts());
  worker.look(75s, {wait_of("i-1")});
  worker.look(150s, {wait_of("i-1")});

  worker.seen.told_of(wait_of("i-1").about, 150s);

  EXPECT_FALSE(worker.seen.wants_counts());
}

TEST(orphan_sightings, a_short_hook_is_asked_about_soon_and_an_orphan_no_sooner_than_others) {
  watching worker;
  worker.seen.note_timeout(60s);
  EXPECT_EQ(worker.seen.pause(), 20s);
  worker.look(0s, {wait_of("i-1", 60s)});

  for (auto when = 20s; when < 120s; when += 20s) EXPECT_EQ(worker.look(when, {wait_of("i-1", 60s)}), 0U);

  EXPECT_EQ(worker.asked, 3U);
  EXPECT_EQ(worker.look(120s, {wait_of("i-1", 60s)}), 1U);
}

TEST(orphan_sightings, a_hook_is_asked_about_first_after_a_quarter_of_its_timeout_then_after_a_half) {
  watching worker;
  worker.look(0s, {wait_of("i-1", 200s)});

  worker.look(40s, {wait_of("i-1", 200s)});
  EXPECT_EQ(worker.asked, 0U);
  worker.look(50s, {wait_of("i-1", 200s)});
  EXPECT_EQ(worker.asked, 1U);
  worker.look(55s, {wait_of("i-1", 200s)});
  EXPECT_EQ(worker.asked, 1U);
}

TEST(orphan_sightings, an_orphan_that_cannot_be_told_of_is_one_for_as_long_as_it_is_kept_open) {
  watching worker;
  worker.look(0s, {wait_of("i-1", 300s)});
  worker.look(75s, {wait_of("i-1", 300s)});

  for (auto when = 150s; when < 30min; when += 75s)
    EXPECT_EQ(worker.look(when, {wait_of("i-1", 300s)}), 1U) << when.count();
}

TEST(orphan_sightings, what_waits_longer_than_its_timeout_somebody_keeps_open) {
  watching worker;
  worker.look(0s, {wait_of("i-1", 300s)}, 1);

  for (auto when = 6min; when < 2h; when += 1min)
    EXPECT_EQ(worker.look(when, {wait_of("i-1", 300s)}), 0U) << when.count();
}

TEST(orphan_sightings, what_somebody_keeps_open_is_asked_about_too_rarely_to_live_by_it) {
  watching worker;
  worker.look(0s, {wait_of("i-1", 300s)}, 1);

  for (auto when = 360s; when < 26min; when += 75s)
    worker.look(when, {wait_of("i-1", 300s), wait_of("i-" + std::to_string(when.count()))});

  EXPECT_EQ(worker.asked, 2U);
}

TEST(orphan_sightings, what_may_be_one_is_kept_from_its_end_while_counts_tell_nothing_but_not_for_ever) {
  watching worker;
  const waits two{wait_of("i-1", 300s), wait_of("i-2", 1h)};
  std::vector<duration> asked_at;

  for (auto when = 0s; when < 2h; when += 75s) {
    worker.seen.note_messages(when % 150s == 0s ? 1 : 2, when - 10s);
    const auto before = worker.asked;
    EXPECT_EQ(worker.look(when, two, 2), 0U);
    if (worker.asked > before) asked_at.push_back(when);
  }

  EXPECT_EQ(asked_at.front(), 150s);
  EXPECT_LE(asked_at.back(), 30min);
  EXPECT_EQ(worker.asked, 13U) << "twelve times of the short one";
}

// Of hooks in other hands. Each copy that is told of is one message more, in truth; here SQS never counts enough.
TEST(orphan_sightings, counts_that_are_always_too_low_make_each_wait_an_orphan_once) {
  watching worker;
  waits all;
  std::size_t told = 0;

  for (int i = 0; i < 40; ++i) {
    if (i < 20) all.push_back(wait_of("i-" + std::to_string(i)));
    told += worker.look(i * 75s, all, static_cast<double>(all.size()) - 1);
    for (const auto& each : worker.last_orphans) worker.seen.told_of(each.wait.about, i * 75s);
  }

  EXPECT_EQ(told, 20U);
}

// Of hooks in other hands that a count was too low for: they have two messages each from 150 s on.
class taken_for_orphans : public testing::Test {
 protected:
  void take(const waits& seen) {
    worker.look(0s, two, 1);
    worker.look(75s, seen, 1);
    ASSERT_EQ(worker.look(150s, seen, static_cast<double>(seen.size()) - 1), 2U);
    for (const auto& each : worker.last_orphans) worker.seen.told_of(each.wait.about, 150s);
  }

  watching worker;
  const waits two{wait_of("i-1"), wait_of("i-2")};
  const waits three{wait_of("i-1"), wait_of("i-2"), wait_of("i-3")};
};

TEST_F(taken_for_orphans, their_messages_do_not_hide_the_one_that_was_too_young_to_be_told_of) {
  take(three);

  EXPECT_EQ(worker.look(225s, three, 4), 1U);
  EXPECT_EQ(worker.last_orphans.front().wait.about.instance, "i-3");
}

TEST_F(taken_for_orphans, their_messages_do_not_hide_one_that_comes_after_them) {
  take(two);
  worker.look(225s, two, 4);
  for (auto when = 300s; when < 450s; when += 75s) EXPECT_EQ(worker.look(when, three, 4), 0U);

  EXPECT_EQ(worker.look(450s, three, 4), 1U);
  EXPECT_EQ(worker.last_orphans.front().wait.about.instance, "i-3");
}

TEST_F(taken_for_orphans, their_messages_count_in_our_own_hand_too) {
  take(two);
  const waits ours{wait_of("i-1")};
  worker.look(225s, {wait_of("i-2")}, 4, ours);
  for (auto when = 300s; when < 450s; when += 75s) worker.look(when, {wait_of("i-2"), wait_of("i-3")}, 4, ours);

  EXPECT_EQ(worker.look(450s, {wait_of("i-2"), wait_of("i-3")}, 4, ours), 1U);
}

TEST_F(taken_for_orphans, their_messages_go_with_them) {
  take(two);

  for (auto when = 225s; when < 900s; when += 75s)
    EXPECT_EQ(worker.look(when, {wait_of("i-2"), wait_of("i-3")}, 3), 0U) << when.count();
}

// One of them had lost its message indeed: there is one for each, and a second one for the other.
TEST_F(taken_for_orphans, an_orphan_that_was_told_of_is_missing_in_no_other) {
  take(two);

  for (auto when = 225s; when < 900s; when += 75s) EXPECT_EQ(worker.look(when, three, 4), 0U) << when.count();
}

TEST_F(taken_for_orphans, messages_that_are_not_counted_yet_tell_nothing) {
  take(two);

  EXPECT_EQ(worker.look(200s, three, 2), 0U);
  worker.seen.note_messages(4, 209s);
  for (auto when = 275s; when < 900s; when += 75s) EXPECT_EQ(worker.look(when, three, 5), 0U) << when.count();
}

TEST(orphan_sightings, what_was_told_of_is_none_until_it_has_ended) {
  watching worker;
  worker.look(0s, {wait_of("i-1")});
  worker.look(75s, {wait_of("i-1")});
  ASSERT_EQ(worker.look(150s, {wait_of("i-1")}), 1U);

  worker.seen.told_of(wait_of("i-1").about, 150s);

  for (auto when : {225s, 300s, 375s}) EXPECT_EQ(worker.look(when, {wait_of("i-1")}), 0U);
  worker.look(450s, {});
  worker.look(525s, {wait_of("i-1")});
  EXPECT_EQ(worker.look(600s, {wait_of("i-1")}), 0U);
  EXPECT_EQ(worker.look(675s, {wait_of("i-1")}), 1U) << "another wait of the same names";
}

}  // namespace
}  // namespace lifehook::worker
