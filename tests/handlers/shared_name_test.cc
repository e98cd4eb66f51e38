#include "handlers/shared_name.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace lifehook::handlers {
namespace {

const std::string long_name = "web-production-AutoScalingGroup-1PQ8WDEA1";

TEST(shared_name, is_read_as_the_string_it_is) {
  const shared_name name(long_name);
  const std::string& as_string = name;
  const std::string_view as_view = name;

  EXPECT_EQ(as_string, long_name);
  EXPECT_EQ(as_view, long_name);
  EXPECT_EQ(testing::PrintToString(name), testing::PrintToString(long_name));
  EXPECT_FALSE(name.empty());
}

TEST(shared_name, is_compared_as_the_string_it_is) {
  const shared_name name("drain");

  EXPECT_EQ(name, shared_name("drain"));
  EXPECT_NE(name, shared_name("boot"));
  EXPECT_EQ(name, "drain");
  EXPECT_EQ("drain", name);
  EXPECT_EQ(name, std::string("drain"));
  EXPECT_NE(name, std::string_view("drains"));
  EXPECT_EQ(shared_name(), "");
  EXPECT_NE(name, shared_name());
}

TEST(shared_name, that_is_empty_takes_a_pointer_and_nothing_else) {
  const auto before = shared_name::count();
  const shared_name none;
  const shared_name of_nothing("");

  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(of_nothing.empty());
  EXPECT_EQ(none.get(), "");
  EXPECT_EQ(sizeof(none), sizeof(void*));
  EXPECT_EQ(shared_name::count(), before);
}

TEST(shared_name, is_kept_once_however_many_hold_it) {
  const auto before = shared_name::count();
  const std::vector<shared_name> copies(3, long_name);
  const shared_name same(long_name);

  EXPECT_EQ(&copies.front().get(), &copies.back().get());
  EXPECT_EQ(&copies.front().get(), &same.get());
  EXPECT_EQ(shared_name::count(), before + 1);
}

TEST(shared_name, goes_with_the_last_that_holds_it) {
  const auto before = shared_name::count();
  std::optional<shared_name> one(long_name);
  std::optional<shared_name> copy(one);
  one.reset();

  EXPECT_EQ(copy->get(), long_name);
  EXPECT_EQ(shared_name::count(), before + 1);
  copy.reset();
  EXPECT_EQ(shared_name::count(), before);
}

TEST(shared_name, leaves_nothing_of_thousands_that_messages_made_up) {
  const auto before = shared_name::count();
  for (int n = 0; n < 10'000; ++n) {
    const shared_name name("group-" + std::to_string(n));
    EXPECT_EQ(shared_name::count(), before + 1);
  }

  EXPECT_EQ(shared_name::count(), before);
}

TEST(shared_name, is_a_value) {
  const auto before = shared_name::count();
  {
    shared_name one("one");
    const shared_name copy = one;
    one = std::string("two");

    EXPECT_EQ(copy, "one");
    EXPECT_EQ(one, "two");
    const auto moved = std::move(one);
    EXPECT_EQ(moved, "two");
    shared_name same = moved;
    const auto& itself = same;
    same = itself;
    EXPECT_EQ(same, "two");
    same.clear();
    EXPECT_TRUE(same.empty());
    EXPECT_EQ(shared_name::count(), before + 2);
  }

  EXPECT_EQ(shared_name::count(), before);
}

}  // namespace
}  // namespace lifehook::handlers
