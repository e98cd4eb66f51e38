#include "handlers/hindrances.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

constexpr auto noon = time_point(12h);
const error refused{errc::denied, "not allowed"};

std::vector<hindrance> all_of(const hindrances& of) { return {of.begin(), of.end()}; }

TEST(hindrances, since_when_is_kept_as_long_as_it_is_the_same) {
  hindrances all;
  all.note(outage_of(refused, "looking", noon));

  all.note(outage_of(refused, "looking again", noon + 1min));

  ASSERT_EQ(all_of(all).size(), 1U);
  EXPECT_EQ(all_of(all).front().since, noon);
  EXPECT_EQ(all_of(all).front().doing, "looking again");
}

TEST(hindrances, another_reason_begins_anew) {
  hindrances all;
  all.note({.since = noon, .word = "no_capacity"});

  all.note({.since = noon + 1min, .word = "max_100"});

  ASSERT_EQ(all_of(all).size(), 1U);
  EXPECT_EQ(all_of(all).front().since, noon + 1min);
}

TEST(hindrances, an_outage_ends_apart_from_what_is_waited_for) {
  hindrances all;
  all.note(outage_of(refused, "looking", noon));
  all.note({.since = noon, .text = "it drains"});

  all.end(nullptr, hindrance::kind::outage);

  ASSERT_EQ(all_of(all).size(), 1U);
  EXPECT_EQ(all_of(all).front().text, "it drains");

  all.end(nullptr);

  EXPECT_TRUE(all_of(all).empty());
}

}  // namespace
}  // namespace lifehook::handlers
