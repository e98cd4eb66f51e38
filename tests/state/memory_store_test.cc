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
  EXPECT_TRUE(write(0).has_value());
  for (int i = 0; i < most; ++i) EXPECT_TRUE(wait(kept->note("raise#" + std::to_string(i))).value().has_value()) << i;
}

TEST_F(memory_store_test, what_has_expired_makes_room) {
  for (int i = 0; i < most; ++i) write(i).value();
  time.run_for(1h);

  for (int i = most; i < 2 * most; ++i) EXPECT_TRUE(write(i).has_value()) << i;
}

TEST_F(memory_store_test, notes_take_no_room_from_locks) {
  for (int i = 0; i < most; ++i) write(i).value();

  EXPECT_TRUE(wait(kept->lock("web-fleet", "me", 1min)).value());
}

}  // namespace
}  // namespace lifehook::state
