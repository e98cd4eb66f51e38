#include "base/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace lifehook {

namespace {

constexpr std::size_t pages = 200;
constexpr std::size_t page = 4096;

// Constants of 800 KiB, as they lie in the program's file.
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

// How many of their pages are in memory: bit 63 of an entry of pagemap.
std::size_t constants_present() {
  const int map = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  std::array<std::uint64_t, pages> entries{};
  const auto first = reinterpret_cast<std::uintptr_t>(constants.data()) / page;
  EXPECT_EQ(::pread(map, entries.data(), sizeof entries, static_cast<off_t>(first * sizeof entries[0])),
            static_cast<ssize_t>(sizeof entries));
  ::close(map);
  return static_cast<std::size_t>(std::ranges::count_if(entries, [](auto each) { return (each >> 63U) != 0; }));
}

}  // namespace

TEST(process, forgets_code_and_constants_which_come_back_when_they_are_used) {
  const auto sum = sum_of_constants();
  ASSERT_GE(constants_present(), pages - 1);

  give_back_memory();

  EXPECT_LE(constants_present(), pages / 2) << "what lies around pages that are used comes with them";
  EXPECT_EQ(sum_of_constants(), sum);
  EXPECT_EQ(sum, 3U);
}

TEST(process, has_as_many_descriptors_as_it_may) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);

  take_all_descriptors();

  rlimit now{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
  EXPECT_EQ(now.rlim_cur, before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace lifehook
