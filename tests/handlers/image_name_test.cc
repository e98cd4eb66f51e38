#include "handlers/image_name.h"

#include "base/time_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using testing::EndsWith;
using testing::StartsWith;

const auto at = *parse_rfc3339("2026-03-02T10:15:30Z");

event about(event_kind kind, std::string detail = {}) {
  event of;
  of.kind = kind;
  of.instance = "i-0123456789abcdef0";
  of.detail = std::move(detail);
  return of;
}

std::string named(const event& of, time_point when = at) { return image_name("web", of, when); }

TEST(image_name, of_an_end_tells_the_instance_alone) {
  EXPECT_EQ(named(about(event_kind::terminating)), "lifehook-web-i-0123456789abcdef0");
  EXPECT_EQ(named(about(event_kind::terminating), at + std::chrono::hours(1)), "lifehook-web-i-0123456789abcdef0");
  EXPECT_EQ(named(about(event_kind::state_change, "shutting-down")), "lifehook-web-i-0123456789abcdef0");
  EXPECT_EQ(named(about(event_kind::state_change, "terminated")), "lifehook-web-i-0123456789abcdef0");
}

TEST(image_name, of_what_may_come_again_tells_what_and_when) {
  EXPECT_EQ(named(about(event_kind::rebalance_recommendation)),
            "lifehook-web-i-0123456789abcdef0-rebalance-20260302T101530Z");
  EXPECT_EQ(named(about(event_kind::state_change, "stopped")),
            "lifehook-web-i-0123456789abcdef0-stopped-20260302T101530Z");
  EXPECT_EQ(named(about(event_kind::scheduled_change)), "lifehook-web-i-0123456789abcdef0-scheduled-20260302T101530Z");
}

TEST(image_name, of_a_change_is_the_same_for_all_its_copies_and_another_for_another_start) {
  auto change = about(event_kind::scheduled_change);
  change.change = "arn:aws:health:eu-west-1::event/EC2/AWS_EC2_REBOOT_MAINTENANCE_SCHEDULED/1";
  change.starts = at;
  auto moved = change;
  moved.starts = at + std::chrono::hours(1);

  EXPECT_EQ(named(change), named(change, at + std::chrono::hours(24)));
  EXPECT_NE(named(change), named(moved));
}

TEST(image_name, fits_the_longest_name_of_a_group) {
  const std::string longest(64, 'w');

  for (const auto kind : all_event_kinds) {
    auto of = about(kind, "stopping");
    of.change = "a change";
    EXPECT_LE(image_name(longest, of, at).size(), 128U) << name(kind);
  }
}

TEST(image_description, tells_instance_group_and_cause) {
  auto of = about(event_kind::terminating);
  of.group = "web-fleet";

  EXPECT_EQ(image_description(of, "scaling_policy"),
            "lifehook: i-0123456789abcdef0 of web-fleet ended, scaling_policy");
}

TEST(image_description, of_the_longest_group_is_cut_in_the_middle_of_its_name) {
  auto of = about(event_kind::terminating);
  of.group = "Production" + std::string(235, 'x') + "-1PQ8WDEA1";

  const auto text = image_description(of, "scaling_policy");

  EXPECT_EQ(text.size(), 255U);
  EXPECT_THAT(text, StartsWith("lifehook: i-0123456789abcdef0 of Productionx"));
  EXPECT_THAT(text, EndsWith("x-1PQ8WDEA1 ended, scaling_policy"));
}

TEST(image_description, cuts_no_character_in_two) {
  auto of = about(event_kind::terminating);
  for (const auto* const first : {"", "x", "xx"}) {
    std::string group = first;
    for (int i = 0; i < 84; ++i) group += "\xe2\x82\xac";  // the euro sign
    of.group = group;

    const auto text = image_description(of, "scaling_policy");

    EXPECT_LE(text.size(), 255U);
    const auto gap = text.find("...");
    ASSERT_NE(gap, std::string::npos);
    EXPECT_EQ(text.substr(gap - 3, 9), "\xe2\x82\xac...\xe2\x82\xac");
  }
}

}  // namespace
}  // namespace lifehook::handlers
