#include "handlers/rare_text.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

TEST(rare_text, is_read_as_the_string_it_is) {
  const rare_text text("terminate");
  const std::string& as_string = text;
  const std::string_view as_view = text;

  EXPECT_EQ(as_string, "terminate");
  EXPECT_EQ(as_view, "terminate");
  EXPECT_TRUE(text == "terminate");
  EXPECT_FALSE(text.empty());
}

TEST(rare_text, that_is_empty_takes_a_pointer) {
  const rare_text none;

  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(rare_text("").empty());
  EXPECT_EQ(none.get(), "");
  EXPECT_EQ(sizeof(none), sizeof(void*));
}

TEST(rare_text, is_a_value) {
  rare_text one("one");
  const rare_text copy = one;
  one = std::string("two");

  EXPECT_EQ(copy.get(), "one");
  EXPECT_EQ(one.get(), "two");
  one = rare_text();
  EXPECT_TRUE(one.empty());
}

}  // namespace
}  // namespace lifehook::handlers
