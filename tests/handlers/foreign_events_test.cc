#include "handlers/foreign_events.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

event of_hook(const std::string& instance = "i-1") {
  event about;
  about.kind = event_kind::terminating;
  about.group = "api-1";
  about.hook = "drain";
  about.instance = instance;
  about.token = "token-of-" + instance;
  return about;
}

event of_kind(event_kind kind) {
  event about;
  about.kind = kind;
  about.id = "id";
  about.instance = "i-1";
  return about;
}

constexpr foreign_events::sight young{100s, 1s, false};

TEST(foreign_events, come_again_soon_at_first_and_are_nobodys_after_their_time) {
  foreign_events kept(5min);

  EXPECT_EQ(kept.put_back(of_hook(), young), 5s);
  EXPECT_EQ(kept.put_back(of_hook(), {124s, 25s, true}), 12s);
  EXPECT_EQ(kept.put_back(of_hook(), {300s, 201s, true}), 30s);
  EXPECT_EQ(kept.put_back(of_hook(), {400s, 301s, true}), std::nullopt);
  EXPECT_EQ(kept.put_back(of_hook("i-2"), {400s, 1s, false}), 5s) << "another one";
}

TEST(foreign_events, go_back_for_as_long_as_their_receives_last) {
  EXPECT_EQ(foreign_for(0, 5min), 0s);
  EXPECT_EQ(foreign_for(4, 5min), 22500ms) << "5, 5, 5 and 7.5 s";
  EXPECT_EQ(foreign_for(15, 5min), 5min);
  EXPECT_EQ(foreign_for(15, 0s), 0s);
}

TEST(foreign_events, that_were_in_somebodys_hand_are_kept_however_old_they_are) {
  foreign_events kept(5min);

  EXPECT_EQ(kept.put_back(of_hook("i-1"), {100s, 1h, true}), 5s) << "a configuration was taken back";
  EXPECT_EQ(kept.put_back(of_hook("i-2"), {100s, 1h, false}), std::nullopt);
}

TEST(foreign_events, are_only_hooks_and_interruptions) {
  foreign_events kept(5min);

  for (const auto kind : {event_kind::spot_interruption, event_kind::capacity_reservation_interruption,
                          event_kind::task_interruption, event_kind::launching})
    EXPECT_TRUE(kept.put_back(of_kind(kind), young).has_value()) << name(kind);
  for (const auto kind : {event_kind::state_change, event_kind::task_stopped, event_kind::rebalance_recommendation})
    EXPECT_FALSE(kept.put_back(of_kind(kind), young).has_value()) << name(kind);
  auto of_ecs = of_hook();
  of_ecs.hook = "ecs-managed-draining-termination-hook";
  EXPECT_FALSE(kept.put_back(of_ecs, young).has_value());
}

TEST(foreign_events, are_nobodys_at_once_where_none_are_to_be_kept) {
  foreign_events none(0s);

  EXPECT_EQ(none.put_back(of_hook(), young), std::nullopt);
}

TEST(foreign_events, are_remembered_by_the_thousands_and_no_more) {
  foreign_events kept(5min);
  int put_back = 0;
  for (int i = 0; i < 20000; ++i) put_back += kept.put_back(of_hook("i-" + std::to_string(i)), young) ? 1 : 0;

  EXPECT_EQ(put_back, 10000);
  EXPECT_TRUE(kept.put_back(of_hook("i-later"), {100s + 11min, 1s, false}).has_value()) << "there is room again";
}

TEST(foreign_events, make_room_by_their_age) {
  foreign_events kept(5min);
  for (int i = 0; i < 9999; ++i) kept.put_back(of_hook("i-" + std::to_string(i)), {100s, 1s, false});
  ASSERT_TRUE(kept.put_back(of_hook("i-younger"), {100s + 8min, 1s, false}).has_value());

  ASSERT_TRUE(kept.put_back(of_hook("i-later"), {100s + 11min, 1s, false}).has_value());

  EXPECT_EQ(kept.put_back(of_hook("i-younger"), {100s + 11min, 1s, false}), 30s) << "it is remembered";
  EXPECT_EQ(kept.put_back(of_hook("i-1"), {100s + 11min, 1s, false}), 5s) << "it is new";
}

}  // namespace
}  // namespace lifehook::handlers
