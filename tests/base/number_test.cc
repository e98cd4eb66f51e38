#include "base/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace lifehook {
namespace {

TEST(number, is_read_from_the_whole_text) {
  EXPECT_EQ(parse_number<int>("-12"), -12);
  EXPECT_EQ(parse_number<unsigned>("0"), 0U);
}

TEST(number, is_nothing_else) {
  for (const auto* text : {"", "3x", "x3", " 3", "3 ", "+3", "3.0"}) EXPECT_FALSE(parse_number<int>(text)) << text;
}

TEST(number, is_one_that_its_type_holds) {
  EXPECT_FALSE(parse_number<unsigned>("-1"));
  EXPECT_FALSE(parse_number<std::uint16_t>("65536"));
}

}  // namespace
}  // namespace lifehook
