#include "queues/receive_outage.h"

#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>

namespace lifehook::queues {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct receive_outage_test : testing::Test {
  void fail(int times, const std::string& code = "AccessDenied", duration each = 1s) {
    for (int i = 0; i < times; ++i) {
      time.run_for(each);
      under_test.failed({errc::denied, "no", code}, time.clock.uptime());
    }
  }
  auto tries(int count) { return HasSubstr("receiving_failed\",\"tries\":" + std::to_string(count) + ","); }

  test::virtual_time time;
  std::vector<std::string> lines;
  receive_outage under_test{time.clock, {time.clock, log_level::info, log_format::json, [this](std::string_view line) {
                                           lines.emplace_back(line);
                                         }}};
};

TEST_F(receive_outage_test, is_said_at_its_first_three_tries_and_then_ever_more_rarely) {
  fail(20);

  EXPECT_THAT(lines, ElementsAre(tries(1), tries(2), tries(3), tries(5), tries(9), tries(17)));
  EXPECT_THAT(lines.back(), HasSubstr("\"since_seconds\":16"));
}

TEST_F(receive_outage_test, is_said_every_two_minutes_however_long_it_lasts) {
  fail(10000);
  lines.clear();

  fail(1000);

  EXPECT_THAT(lines, SizeIs(8));
}

TEST_F(receive_outage_test, is_said_at_once_for_another_reason_and_not_again_for_one_it_had) {
  fail(6);
  lines.clear();

  fail(1, "QueueDoesNotExist");
  fail(1, "AccessDenied");

  EXPECT_THAT(lines, ElementsAre(tries(7)));
}

TEST_F(receive_outage_test, ends_once_with_how_long_it_lasted) {
  fail(20);
  time.run_for(5s);
  lines.clear();

  under_test.ended();
  under_test.ended();

  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr("receiving_again\",\"tries\":20,\"lasted_seconds\":24"));
  fail(1);
  EXPECT_THAT(lines.back(), tries(1));
}

TEST_F(receive_outage_test, began_with_the_poll_that_was_not_answered) {
  time.run_for(85s);

  under_test.failed({errc::timeout, "no answer"}, time.clock.uptime() - 85s);

  EXPECT_THAT(lines.back(), HasSubstr("\"since_seconds\":85"));
}

TEST_F(receive_outage_test, a_poll_that_is_overdue_says_nothing_of_an_outage_that_is_known) {
  fail(1);
  lines.clear();

  under_test.overdue(22s);

  EXPECT_THAT(lines, IsEmpty());
  under_test.ended();
  under_test.overdue(22s);
  EXPECT_THAT(lines.back(), HasSubstr("receive_overdue\",\"after_seconds\":22"));
}

}  // namespace
}  // namespace lifehook::queues
