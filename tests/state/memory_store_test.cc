#include "state/memory_store.h"

#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lifehook::state {
namespace {

using namespace std::chrono_literals;
using testing::Optional;

struct memory_store_test : testing::Test {
  template <class T>
  T wait(task<T> work) {
    return time.wait_for(std::move(work));
  }
  result<> write(int number) { return wait(kept->write_note("raise#" + std::to_string(number), "3", 1h)); }

  static constexpr int most = 500;
  test::virtual_time time;
  std::unique_ptr<store> kept = make_memory_store(time.clock, most);
};

TEST_F(memory_store_test, when_full_of_notes_in_force_a_new_one_is_an_outage_and_no_old_one_is_forgotten) {
  for (int i = 0; i < most; ++i) ASSERT_TRUE(write(i).has_value()) << i;

  const auto refused = write(most);

  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code(), errc::unreachable);
  EXPECT_EQ(wait(kept->probe()).error().code(), errc::unreachable);
  EXPECT_TRUE(write(0).has_value());
  for (int i = 0; i < most; ++i) EXPECT_TRUE(wait(kept->note("raise#" + std::to_string(i))).value().has_value()) << i;
}

TEST_F(memory_store_test, what_has_expired_makes_room) {
  for (int i = 0; i < most; ++i) write(i).value();
  time.run_for(1h);
  EXPECT_TRUE(wait(kept->probe()).has_value());

  for (int i = most; i < 2 * most; ++i) EXPECT_TRUE(write(i).has_value()) << i;
}

TEST_F(memory_store_test, spare_notes_take_no_room_from_others_but_make_room_for_one_another) {
  const auto spare = [this](int number, duration lasting) {
    return wait(kept->write_spare_note("network#" + std::to_string(number), "subnet", lasting)).value();
  };
  const auto stands = [this](int number) {
    return wait(kept->note("network#" + std::to_string(number))).value().has_value();
  };
  for (int i = 0; i < most; ++i) EXPECT_FALSE(spare(i, 2h)) << i;
  spare(7, 1h);

  EXPECT_TRUE(spare(most, 2h)) << "one was forgotten";
  for (int i = 0; i <= most; ++i) EXPECT_EQ(stands(i), i != 7) << i;
  EXPECT_FALSE(spare(most, 2h)) << "written again";
  for (int i = 0; i < most; ++i) EXPECT_TRUE(write(i).has_value()) << i;
}

TEST_F(memory_store_test, nothing_ends_later_or_sooner_because_the_clock_is_set) {
  wait(kept->lock("web-fleet", "you", 30s)).value();
  wait(kept->write_note("raise#i-1", "3", 10min)).value();
  time.clock.set(time.clock.now() - 1h);
  time.run_for(30s);

  EXPECT_TRUE(wait(kept->lock("web-fleet", "me", 30s)).value());

  time.clock.set(time.clock.now() + 24h);
  EXPECT_FALSE(wait(kept->lock("web-fleet", "you", 30s)).value());
  EXPECT_TRUE(wait(kept->note("raise#i-1")).value().has_value());
}

TEST_F(memory_store_test, notes_take_no_room_from_locks) {
  for (int i = 0; i < most; ++i) write(i).value();

  EXPECT_TRUE(wait(kept->lock("web-fleet", "me", 1min)).value());
}

}  // namespace
}  // namespace lifehook::state
