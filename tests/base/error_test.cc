#include "base/error.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace lifehook {
namespace {

TEST(error, callers_put_what_they_were_doing_in_front) {
  auto failure = error{errc::throttled, "autoscaling.eu-west-1.amazonaws.com: slower", "Throttling"}
                     .in("completing lifecycle action")
                     .in("draining i-1");

  EXPECT_EQ(failure.what(), "draining i-1: completing lifecycle action: autoscaling.eu-west-1.amazonaws.com: slower");
  EXPECT_EQ(failure.code(), errc::throttled);
  EXPECT_EQ(failure.aws_code(), "Throttling");
}

TEST(error, an_outage_is_when_aws_does_not_answer_or_does_not_allow) {
  for (const auto code : {errc::timeout, errc::unreachable, errc::too_large, errc::throttled, errc::denied})
    EXPECT_TRUE(is_outage(code)) << name(code);
  for (const auto code : {errc::cancelled, errc::not_found, errc::rejected, errc::malformed, errc::internal})
    EXPECT_FALSE(is_outage(code)) << name(code);
}

TEST(error, every_code_has_its_own_word) {
  EXPECT_EQ(name(errc::cancelled), "cancelled");
  EXPECT_EQ(name(errc::timeout), "timeout");
  EXPECT_EQ(name(errc::unreachable), "unreachable");
  EXPECT_EQ(name(errc::too_large), "too_large");
  EXPECT_EQ(name(errc::throttled), "throttled");
  EXPECT_EQ(name(errc::denied), "denied");
  EXPECT_EQ(name(errc::not_found), "not_found");
  EXPECT_EQ(name(errc::rejected), "rejected");
  EXPECT_EQ(name(errc::malformed), "malformed");
  EXPECT_EQ(name(errc::internal), "internal");
}

TEST(error, a_result_taken_without_looking_is_a_bug_that_says_why) {
  const result<int> failed = error{errc::denied, "not allowed"};

  try {
    static_cast<void>(failed.value());
    FAIL() << "no exception";
  } catch (const std::logic_error& thrown) {
    EXPECT_STREQ(thrown.what(), "unchecked result: not allowed");
  }
}

}  // namespace
}  // namespace lifehook
