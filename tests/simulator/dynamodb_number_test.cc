#include "simulator/dynamodb_number.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::HasSubstr;

std::string spelled(std::string_view text) { return to_text(read_decimal(text).value()); }
std::string bytes(std::string_view text) { return sort_bytes(read_decimal(text).value()); }
std::string refusal(std::string_view text) {
  const auto made = read_decimal(text);
  return made.has_error() ? made.error().message : "";
}

TEST(dynamodb_number, each_value_has_one_spelling) {
  EXPECT_EQ(spelled("1"), "1");
  EXPECT_EQ(spelled("+01.500"), "1.5");
  EXPECT_EQ(spelled("1e3"), "1000");
  EXPECT_EQ(spelled("-12.5E-3"), "-0.0125");
  EXPECT_EQ(spelled("-0.0"), "0");
  EXPECT_EQ(spelled("1772446530"), "1772446530");
}

TEST(dynamodb_number, bytes_sort_as_the_numbers_do) {
  const std::vector<std::string> rising{"-1e125", "-100",  "-15", "-1.5", "-1",  "-0.5", "0",
                                        "1e-130", "0.005", "0.5", "1",    "1.5", "15",   "9.99e125"};

  for (std::size_t i = 1; i < rising.size(); ++i) EXPECT_LT(bytes(rising[i - 1]), bytes(rising[i])) << rising[i];
  EXPECT_EQ(bytes("1.0"), bytes("1"));
}

TEST(dynamodb_number, what_is_no_number_or_out_of_range_is_refused) {
  for (const auto* text : {"", "-", "one", "1.2.3", "1e", "1e+", "0x10", ".", " 1", "1e1e1", "1-2"})
    EXPECT_THAT(refusal(text), HasSubstr("cannot be converted to a numeric value")) << text;
  EXPECT_THAT(refusal(std::string(39, '1')), HasSubstr("38 significant digits"));
  EXPECT_EQ(refusal(std::string(38, '1')), "");
  EXPECT_THAT(refusal("1e126"), HasSubstr("overflow"));
  EXPECT_THAT(refusal("1e99999999999"), HasSubstr("overflow"));
  EXPECT_THAT(refusal("1e-131"), HasSubstr("underflow"));
  EXPECT_THAT(refusal("1e-99999999999"), HasSubstr("underflow"));
  EXPECT_EQ(refusal("0e999999"), "");
}

}  // namespace
}  // namespace lifehook::simulator
