#include "worker/work_burst.h"

#include <gtest/gtest.h>

namespace lifehook::worker {
namespace {

TEST(work_burst, is_over_when_a_quarter_is_left) {
  work_burst burst;
  EXPECT_FALSE(burst.is_over(400, 400));
  EXPECT_FALSE(burst.is_over(400, 101));
  EXPECT_TRUE(burst.is_over(101, 100));
}

TEST(work_burst, is_seen_by_its_most_also_when_it_fell_slowly_or_between_two_looks) {
  work_burst slowly;
  EXPECT_FALSE(slowly.is_over(1000, 600));
  EXPECT_FALSE(slowly.is_over(600, 400));
  EXPECT_TRUE(slowly.is_over(400, 250));

  work_burst between;
  EXPECT_TRUE(between.is_over(1000, 0));
}

TEST(work_burst, is_over_once) {
  work_burst burst;
  EXPECT_TRUE(burst.is_over(1000, 200));
  EXPECT_FALSE(burst.is_over(200, 200));
  EXPECT_TRUE(burst.is_over(200, 50)) << "what was left was as much as a burst";
  EXPECT_FALSE(burst.is_over(50, 0));
}

TEST(work_burst, is_the_start_too_but_not_while_much_is_in_hand) {
  work_burst start;
  EXPECT_FALSE(start.is_over(26, 26));
  EXPECT_TRUE(start.is_over(26, 3));
}

TEST(work_burst, is_not_what_few_messages_took) {
  work_burst few;
  EXPECT_TRUE(few.is_over(0, 0)) << "the start";
  EXPECT_FALSE(few.is_over(99, 0));
}

}  // namespace
}  // namespace lifehook::worker
