#include "state/bounds.h"
#include "tests/state/dynamodb_stage.h"
#include "tests/state/store_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace lifehook::state {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Optional;

template <class Stage>
std::unique_ptr<store_stage> make() {
  return std::make_unique<Stage>();
}

struct backend {
  const char* name;
  std::unique_ptr<store_stage> (*make)();
};

// What every backend must do, whatever it is made of.
struct store_test : testing::TestWithParam<backend> {
  store& one() { return stage->one(); }
  store& other() { return stage->other(); }
  test::virtual_time& time() { return stage->time; }
  time_point now() { return time().clock.now(); }
  template <class T>
  T wait(task<T> work) {
    return time().wait_for(std::move(work));
  }
  std::optional<std::string> note(const std::string& key) { return wait(one().note(key)).value(); }
  bool lock(store& in, const std::string& owner, duration lasting = 30s) {
    return wait(in.lock("web-fleet", owner, lasting)).value();
  }

  std::unique_ptr<store_stage> stage = GetParam().make();
};

TEST_P(store_test, says_what_it_is) {
  EXPECT_EQ(one().backend(), stage->backend());
  EXPECT_TRUE(wait(one().probe()).has_value());
}

TEST_P(store_test, knows_no_turns_before_any_launch) { EXPECT_TRUE(wait(one().turns("web")).value().empty()); }

TEST_P(store_test, a_launch_recorded_by_one_is_known_to_the_other) {
  const auto recorded = wait(one().record_launch("web", "web-v1", now()));

  EXPECT_THAT(recorded.value(), ElementsAre(turn{"web-v1", now(), now()}));
  EXPECT_EQ(wait(other().turns("web")).value(), *recorded);
}

TEST_P(store_test, launches_recorded_by_both_make_one_history) {
  const auto first = now();
  wait(one().record_launch("web", "web-v1", first)).value();
  wait(other().record_launch("web", "web-v3", first + 2s)).value();

  const auto turns = wait(one().record_launch("web", "web-v2", first + 1s));

  EXPECT_THAT(turns.value(), ElementsAre(turn{"web-v3", first + 2s, first + 2s}, turn{"web-v2", first + 1s, first + 1s},
                                         turn{"web-v1", first, first}));
  EXPECT_EQ(wait(other().turns("web")).value(), *turns);
}

TEST_P(store_test, a_launch_recorded_twice_changes_nothing) {
  const auto once = wait(one().record_launch("web", "web-v1", now())).value();

  EXPECT_EQ(wait(other().record_launch("web", "web-v1", now())).value(), once);
}

TEST_P(store_test, services_have_histories_of_their_own) {
  wait(one().record_launch("web", "web-v1", now())).value();
  wait(one().record_launch("api", "api-v7", now())).value();

  EXPECT_EQ(wait(one().turns("web")).value().front().scaling_group, "web-v1");
  EXPECT_EQ(wait(one().turns("api")).value().front().scaling_group, "api-v7");
}

TEST_P(store_test, a_note_stands_until_its_time) {
  EXPECT_TRUE(wait(one().write_note("raise#i-1", "3", 10min)).has_value());
  time().run_for(10min - 1ms);
  EXPECT_THAT(wait(other().note("raise#i-1")).value(), Optional(std::string("3")));

  time().run_for(1ms);

  EXPECT_EQ(wait(other().note("raise#i-1")).value(), std::nullopt);
}

TEST_P(store_test, a_note_that_was_never_left_is_none) { EXPECT_EQ(note("raise#i-1"), std::nullopt); }

TEST_P(store_test, a_note_written_again_replaces_text_and_time) {
  wait(one().write_note("raise#i-1", "3", 1min)).value();
  wait(other().write_note("raise#i-1", "4", 10min)).value();

  time().run_for(9min);

  EXPECT_THAT(note("raise#i-1"), Optional(std::string("4")));
}

TEST_P(store_test, a_note_left_once_stays_as_the_first_left_it) {
  EXPECT_EQ(wait(one().note_once("raise#i-1", "mine", 10min)).value(), "mine");

  EXPECT_EQ(wait(other().note_once("raise#i-1", "yours", 10min)).value(), "mine");
  EXPECT_EQ(wait(one().note_once("raise#i-1", "mine", 10min)).value(), "mine");
  EXPECT_THAT(note("raise#i-1"), Optional(std::string("mine")));
}

TEST_P(store_test, asking_again_does_not_prolong_a_note) {
  wait(one().note_once("raise#i-1", "mine", 10min)).value();
  time().run_for(9min);
  wait(one().note_once("raise#i-1", "mine", 10min)).value();

  time().run_for(1min);

  EXPECT_EQ(note("raise#i-1"), std::nullopt);
}

TEST_P(store_test, a_note_whose_time_has_come_makes_way) {
  wait(one().note_once("raise#i-1", "mine", 10min)).value();
  time().run_for(10min);

  EXPECT_EQ(wait(other().note_once("raise#i-1", "yours", 10min)).value(), "yours");
  EXPECT_THAT(note("raise#i-1"), Optional(std::string("yours")));
}

TEST_P(store_test, a_written_note_counts_as_the_first) {
  wait(one().write_note("raise#i-1", "written", 10min)).value();

  EXPECT_EQ(wait(other().note_once("raise#i-1", "yours", 10min)).value(), "written");
}

TEST_P(store_test, a_spare_note_is_read_and_ends_and_is_replaced_like_any_other) {
  EXPECT_FALSE(wait(one().write_spare_note("network#1", "subnet-1", 10min)).value());
  EXPECT_THAT(wait(other().note("network#1")).value(), Optional(std::string("subnet-1")));

  EXPECT_FALSE(wait(other().write_spare_note("network#1", "subnet-2", 1min)).value());

  EXPECT_THAT(note("network#1"), Optional(std::string("subnet-2")));
  time().run_for(1min);
  EXPECT_EQ(note("network#1"), std::nullopt);
}

TEST_P(store_test, notes_keep_whatever_bytes_they_are_given) {
  for (const auto& text : {std::string(), std::string("caf\u00e9 \"'%\\ \n\t"), std::string(most_note_bytes, 'x')}) {
    wait(one().write_note("a key: 'quoted' \u00e9", text, 10min)).value();
    EXPECT_THAT(wait(other().note("a key: 'quoted' \u00e9")).value(), Optional(text));
  }
}

TEST_P(store_test, a_note_a_lock_and_a_service_of_one_name_do_not_touch) {
  wait(one().write_note("web", "noted", 10min)).value();
  wait(one().record_launch("web", "web-v1", now())).value();

  EXPECT_TRUE(wait(one().lock("web", "me", 30s)).value());
  EXPECT_THAT(note("web"), Optional(std::string("noted")));
  EXPECT_EQ(wait(one().turns("web")).value().size(), 1U);
}

TEST_P(store_test, a_lock_is_held_by_one_at_a_time) {
  EXPECT_TRUE(lock(one(), "me"));

  EXPECT_FALSE(lock(other(), "you"));
  EXPECT_TRUE(wait(other().lock("api-fleet", "you", 30s)).value());
}

TEST_P(store_test, a_lock_is_free_again_when_its_time_has_come) {
  lock(one(), "me");
  time().run_for(30s - 1ms);
  EXPECT_FALSE(lock(other(), "you"));

  time().run_for(1ms);

  EXPECT_TRUE(lock(other(), "you"));
  EXPECT_FALSE(lock(one(), "me"));
}

TEST_P(store_test, its_owner_keeps_a_lock_for_longer_by_taking_it_again) {
  lock(one(), "me");
  time().run_for(20s);
  EXPECT_TRUE(lock(one(), "me"));

  time().run_for(20s);

  EXPECT_FALSE(lock(other(), "you"));
}

TEST_P(store_test, an_unlocked_lock_is_free) {
  lock(one(), "me");
  EXPECT_TRUE(wait(one().unlock("web-fleet", "me")).has_value());

  EXPECT_TRUE(lock(other(), "you"));
}

TEST_P(store_test, only_its_owner_unlocks_a_lock) {
  lock(one(), "me");
  EXPECT_TRUE(wait(other().unlock("web-fleet", "you")).has_value());

  EXPECT_FALSE(lock(other(), "you"));
}

TEST_P(store_test, unlocking_what_nobody_holds_is_nothing) {
  EXPECT_TRUE(wait(one().unlock("web-fleet", "me")).has_value());
  EXPECT_TRUE(lock(other(), "you"));
}

TEST_P(store_test, one_who_comes_late_does_not_unlock_the_next_ones_lock) {
  lock(one(), "me");
  time().run_for(31s);
  lock(other(), "you");

  wait(one().unlock("web-fleet", "me")).value();

  EXPECT_FALSE(lock(one(), "me"));
}

TEST_P(store_test, what_is_too_long_is_refused_and_not_cut) {
  const std::string long_key(513, 'k');
  const std::string long_note(16 * 1024 + 1, 'n');

  EXPECT_EQ(wait(one().write_note(long_key, "x", 1min)).error().code(), errc::rejected);
  EXPECT_EQ(wait(one().note_once(long_key, "x", 1min)).error().code(), errc::rejected);
  EXPECT_EQ(wait(one().write_note("key", long_note, 1min)).error().code(), errc::rejected);
  EXPECT_EQ(wait(one().note_once("key", long_note, 1min)).error().code(), errc::rejected);
  EXPECT_EQ(wait(one().write_spare_note("key", long_note, 1min)).error().code(), errc::rejected);
  EXPECT_EQ(wait(one().lock(long_key, "me", 1min)).error().code(), errc::rejected);
  EXPECT_EQ(wait(one().record_launch(long_key, "web-v1", now())).error().code(), errc::rejected);
  EXPECT_EQ(wait(one().write_note("", "x", 1min)).error().code(), errc::rejected);
  EXPECT_EQ(note("key"), std::nullopt);
}

TEST_P(store_test, a_key_of_the_greatest_length_is_kept) {
  const std::string key(512, 'k');

  EXPECT_EQ(wait(one().note_once(key, "x", 1min)).value(), "x");
  EXPECT_TRUE(wait(one().lock(key, "me", 1min)).value());
  EXPECT_THAT(note(key), Optional(std::string("x")));
}

// Many who do the same at once, half of them on each store, their waits interleaved.
template <class T>
task<> keep(task<result<T>> work, std::vector<result<T>>& answers) {
  answers.push_back(co_await std::move(work));
}

TEST_P(store_test, of_many_who_leave_a_note_once_at_once_all_agree_on_the_first) {
  stage->slow_down();
  std::vector<result<std::string>> answers;

  for (int i = 0; i < 10; ++i)
    time().tasks.spawn(keep((i % 2 == 0 ? one() : other()).note_once("raise#i-1", std::to_string(i), 10min), answers));
  time().run_for(1min);

  ASSERT_EQ(answers.size(), 10U);
  const auto standing = note("raise#i-1");
  ASSERT_TRUE(standing.has_value());
  for (const auto& each : answers) EXPECT_EQ(each.value(), *standing);
}

TEST_P(store_test, of_many_who_lock_at_once_one_has_it) {
  stage->slow_down();
  std::vector<result<bool>> answers;

  for (int i = 0; i < 10; ++i)
    time().tasks.spawn(keep((i % 2 == 0 ? one() : other()).lock("web-fleet", std::to_string(i), 5min), answers));
  time().run_for(1min);

  ASSERT_EQ(answers.size(), 10U);
  EXPECT_EQ(std::count_if(answers.begin(), answers.end(), [](const auto& each) { return each.value(); }), 1);
}

TEST_P(store_test, of_many_launches_recorded_at_once_none_is_lost) {
  stage->slow_down();
  std::vector<result<history>> answers;
  const auto first = now();

  for (int i = 0; i < 8; ++i)
    time().tasks.spawn(
        keep((i % 2 == 0 ? one() : other()).record_launch("web", "v" + std::to_string(i), first + i * 1s), answers));
  time().run_for(1min);

  ASSERT_EQ(answers.size(), 8U);
  for (const auto& each : answers) EXPECT_TRUE(each.has_value());
  const auto turns = wait(one().turns("web")).value();
  ASSERT_EQ(turns.size(), 8U);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(turns[i].scaling_group, "v" + std::to_string(7 - i));
}

INSTANTIATE_TEST_SUITE_P(, store_test,
                         testing::Values(backend{"memory", make<memory_stage>}, backend{"sqlite", make<sqlite_stage>},
                                         backend{"dynamodb", make<dynamodb_stage>}),
                         [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace lifehook::state
