#include "worker/queue_lacks.h"

#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;

queues::queue_attributes queue_of(unsigned receives, duration retention = std::chrono::days(4)) {
  queues::queue_attributes queue;
  queue.retention = retention;
  queue.max_receive_count = receives;
  return queue;
}

TEST(queue_lacks, tells_how_long_foreign_events_really_go_back) {
  const auto of = parsed(with_group("    match: a\n    spot_interruption: [wait: {for: 1s}]\n")).value();

  EXPECT_THAT(lacks_of(queue_of(10), of),
              testing::ElementsAre("its maxReceiveCount of 10 lets what no list answers go back for 22s, not for "
                                   "keep_foreign (5m): 31 would do"));
  EXPECT_THAT(lacks_of(queue_of(30), of), testing::SizeIs(1));
  EXPECT_THAT(lacks_of(queue_of(31), of), testing::IsEmpty());
  EXPECT_THAT(lacks_of(queue_of(1), of), testing::SizeIs(1)) << "nothing goes back";
  EXPECT_THAT(lacks_of(queue_of(0), of), testing::IsEmpty()) << "it has no dead letters";
}

TEST(queue_lacks, tells_what_a_wait_of_weeks_lacks) {
  const auto of = parsed(with_group("    match: a\n    scheduled_change: [wait: {before: 24h}]\n")).value();

  EXPECT_THAT(lacks_of(queue_of(50), of),
              testing::ElementsAre("it keeps messages for 96h: a scheduled change may be 14 days ahead",
                                   "its maxReceiveCount is 50: waiting for a scheduled change may take 100 receives"));
  EXPECT_THAT(lacks_of(queue_of(100, std::chrono::days(14)), of), testing::IsEmpty());
}

}  // namespace
}  // namespace lifehook::worker
