#include "base/process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace lifehook {

namespace {

double reading(std::string_view name) {
  const auto all = read_process();
  const auto found = std::find_if(all.begin(), all.end(), [name](const auto& each) { return each.name == name; });
  return found == all.end() ? -1 : found->value;
}

constexpr std::size_t pages = 512;
constexpr std::size_t page = 4096;

// Constants of 2 MiB, as they lie in the program's file.
constexpr std::array<unsigned char, pages * page> constants = [] {
  std::array<unsigned char, pages * page> made{};
  made[0] = 1;
  made[pages * page - 1] = 2;
  return made;
}();

unsigned sum_of_constants() {
  const volatile unsigned char* const read = constants.data();
  unsigned sum = 0;
  for (std::size_t n = 0; n < constants.size(); n += page) sum += read[n];
  return sum + read[constants.size() - 1];
}

}  // namespace

TEST(process, forgets_code_and_constants_which_come_back_when_they_are_used) {
  const auto sum = sum_of_constants();
  const auto before = reading("process_resident_memory_bytes");

  forget_startup_code();
  const auto after = reading("process_resident_memory_bytes");

  EXPECT_LE(after, before - static_cast<double>(constants.size()));
  EXPECT_EQ(sum_of_constants(), sum);
  EXPECT_EQ(sum, 3U);
}

}  // namespace lifehook
