#include "base/line_output.h"

#include "tests/support/full_disk.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <optional>

namespace lifehook {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

// A pipe of four pages whose reader reads when it is told to.
class line_output_test : public testing::Test {
 protected:
  line_output_test() {
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(pipe(ends.data()), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 16384);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    under_test.emplace(ends[1]);
  }
  ~line_output_test() override {
    under_test.reset();
    for (const int each : ends) close(each);
  }
  // All lines that have come.
  std::vector<std::string> read_all() {
    std::array<char, 65536> some{};
    for (ssize_t size = 0; (size = read(ends[0], some.data(), some.size())) > 0;)
      text.append(some.data(), static_cast<std::size_t>(size));
    std::vector<std::string> lines;
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
      lines.push_back(text.substr(0, end));
    return lines;
  }
  // A reader that reads again, and a writer that goes on, until nothing more comes.
  std::vector<std::string> catch_up() {
    std::vector<std::string> lines;
    for (auto some = read_all(); !some.empty(); some = read_all()) {
      lines.insert(lines.end(), some.begin(), some.end());
      under_test->flush(0s);
    }
    return lines;
  }
  void write(int from, int to) {
    for (int i = from; i < to; ++i) under_test->write(line(i));
  }
  static std::string line(int i) { return std::to_string(i) + std::string(1000, '.'); }

  std::array<int, 2> ends{};
  std::optional<line_output> under_test;
  std::string text;
};

TEST_F(line_output_test, a_line_that_fits_is_written_at_once) {
  under_test->write("hello");
  under_test->write("world");

  EXPECT_THAT(read_all(), ElementsAre("hello", "world"));
}

TEST_F(line_output_test, a_reader_that_stops_does_not_stop_the_writer_and_misses_nothing) {
  write(0, 500);
  EXPECT_EQ(under_test->dropped(), 0U);

  const auto lines = catch_up();

  ASSERT_THAT(lines, SizeIs(500));
  for (int i = 0; i < 500; ++i) EXPECT_EQ(lines[static_cast<std::size_t>(i)], line(i));
}

TEST_F(line_output_test, what_waits_goes_with_the_next_line) {
  write(0, 20);
  EXPECT_THAT(read_all(), SizeIs(testing::Lt(20U)));

  under_test->write("next");

  EXPECT_EQ(read_all().back(), "next");
}

TEST_F(line_output_test, beyond_its_buffer_lines_are_dropped_and_counted_and_that_is_said_once) {
  std::vector<std::uint64_t> told;
  under_test->when_room_again([&](std::uint64_t lost) {
    told.push_back(lost);
    under_test->write("lost " + std::to_string(lost));
  });
  write(0, 2000);
  const auto dropped = under_test->dropped();
  EXPECT_GT(dropped, 900U);
  EXPECT_LT(dropped, 1000U);
  EXPECT_TRUE(told.empty()) << "there is no room to say it";
  const auto kept = catch_up();
  EXPECT_EQ(kept.size() + dropped, 2000U);

  under_test->write("after");
  under_test->write("and on");

  EXPECT_THAT(told, ElementsAre(dropped));
  EXPECT_THAT(read_all(), ElementsAre("lost " + std::to_string(dropped), "after", "and on"));
}

TEST_F(line_output_test, a_last_flush_waits_for_a_short_time_only) {
  write(0, 100);
  const auto before = std::chrono::steady_clock::now();

  under_test->flush(50ms);

  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 50ms);
}

TEST_F(line_output_test, what_a_reader_that_has_gone_misses_is_counted_at_once) {
  bool told = false;
  under_test->when_room_again([&](std::uint64_t) { told = true; });
  close(ends[0]);

  write(0, 2000);

  EXPECT_EQ(under_test->dropped(), 2000U);
  EXPECT_FALSE(told) << "there is nobody to tell";
  ends[0] = dup(ends[1]);
}

TEST_F(line_output_test, what_waited_for_a_reader_that_then_goes_is_counted) {
  under_test->write(std::string(30'000, '.'));
  under_test->write("waits");
  EXPECT_EQ(under_test->dropped(), 0U);
  close(ends[0]);

  under_test->write("one more");

  EXPECT_EQ(under_test->dropped(), 2U) << "the line that was begun is neither there nor given up";
  ends[0] = dup(ends[1]);
}

TEST(line_output_without_a_reader, every_line_is_counted) {
  line_output full(::open("/dev/full", O_WRONLY));
  line_output closed(-1);

  for (int i = 0; i < 10; ++i) {
    full.write("hello");
    closed.write("hello");
  }

  EXPECT_EQ(full.dropped(), 10U);
  EXPECT_EQ(closed.dropped(), 10U);
}

std::string written_to(std::FILE* file) {
  std::string all(1U << 16, '\0');
  all.resize(static_cast<std::size_t>(::pread(fileno(file), all.data(), all.size(), 0)));
  return all;
}

TEST(line_output_on_a_full_disk, lines_are_counted_and_that_is_said_once_there_is_room_and_every_line_is_whole) {
  std::FILE* file = std::tmpfile();
  line_output under_test(fileno(file));
  under_test.when_room_again([&](std::uint64_t lost) { under_test.write("lost " + std::to_string(lost)); });
  {
    const test::full_disk now(8);
    for (const auto* line : {"first", "second", "third", "fourth"}) under_test.write(line);
    EXPECT_EQ(under_test.dropped(), 2U);
  }

  under_test.write("fifth");

  EXPECT_EQ(written_to(file), "first\nsecond\nlost 2\nfifth\n");
  std::fclose(file);
}

TEST(line_output_on_a_full_disk, between_two_lines_that_is_said_after_the_first_that_finds_room) {
  std::FILE* file = std::tmpfile();
  line_output under_test(fileno(file));
  under_test.when_room_again([&](std::uint64_t lost) { under_test.write("lost " + std::to_string(lost)); });
  {
    const test::full_disk now(6);
    for (const auto* line : {"first", "second", "third"}) under_test.write(line);
    EXPECT_EQ(under_test.dropped(), 2U);
  }

  under_test.write("fourth");
  under_test.write("fifth");

  EXPECT_EQ(written_to(file), "first\nfourth\nlost 2\nfifth\n");
  std::fclose(file);
}

TEST_F(line_output_test, a_file_takes_every_line) {
  std::FILE* file = std::tmpfile();
  {
    line_output to_file(fileno(file));
    for (int i = 0; i < 3000; ++i) to_file.write(line(i));
    EXPECT_EQ(to_file.dropped(), 0U);
  }

  EXPECT_GT(lseek(fileno(file), 0, SEEK_END), 3'000'000);
  std::fclose(file);
}

}  // namespace
}  // namespace lifehook
