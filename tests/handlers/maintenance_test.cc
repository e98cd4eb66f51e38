#include "handlers/maintenance.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

event change(std::string code) {
  event about;
  about.kind = event_kind::scheduled_change;
  about.detail = std::move(code);
  return about;
}

aws::scheduled_event listed(std::string code, bool completed) {
  aws::scheduled_event made;
  made.code = std::move(code);
  made.completed = completed;
  return made;
}

TEST(maintenance, an_instance_returns_from_a_reboot_but_not_from_a_stop_or_a_retirement) {
  EXPECT_TRUE(instance_returns(change("AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED")));
  EXPECT_TRUE(instance_returns(change("AWS_EC2_INSTANCE_NETWORK_MAINTENANCE_SCHEDULED")));
  EXPECT_FALSE(instance_returns(change("AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED")));
  EXPECT_FALSE(instance_returns(change("AWS_EC2_INSTANCE_STOP_SCHEDULED")));
}

TEST(maintenance, is_over_when_none_is_to_come_any_more) {
  const auto reboot = change("AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED");

  EXPECT_EQ(state_of({listed("system-reboot", false)}, reboot), maintenance::to_come);
  EXPECT_EQ(state_of({listed("system-reboot", true)}, reboot), maintenance::over);
  EXPECT_EQ(state_of({listed("system-reboot", true), listed("instance-reboot", false)}, reboot), maintenance::to_come);
  EXPECT_EQ(state_of({}, reboot), maintenance::unlisted);
  EXPECT_EQ(state_of({listed("instance-retirement", false)}, reboot), maintenance::unlisted);
}

TEST(maintenance, is_not_over_because_one_of_before_it_was_told_of_is) {
  auto reboot = change("AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED");
  reboot.time = time_point(1000h);
  reboot.starts = time_point(1300h);
  auto over = listed("system-reboot", true);

  over.not_before = time_point(900h);
  EXPECT_EQ(state_of({over}, reboot), maintenance::unlisted);
  over.not_before = time_point(1100h);
  EXPECT_EQ(state_of({over}, reboot), maintenance::over) << "its owner had it done sooner";
  over.not_before = reboot.starts;
  EXPECT_EQ(state_of({over}, reboot), maintenance::over);
}

TEST(maintenance, is_called_off_when_ec2_lists_it_as_ended_before_it_began) {
  const auto starts = time_point(1000h);
  auto reboot = change("AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED");
  reboot.starts = starts;
  auto retirement = change("AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED");
  retirement.starts = starts;
  auto undated = listed("system-reboot", false);
  const auto at = [](time_point when, bool completed) {
    auto made = listed("system-reboot", completed);
    made.not_before = when;
    return made;
  };

  EXPECT_TRUE(is_called_off({at(starts, true)}, reboot));
  EXPECT_TRUE(is_called_off({at(starts + 1h, true)}, reboot));
  EXPECT_FALSE(is_called_off({at(starts, false)}, reboot));
  EXPECT_FALSE(is_called_off({at(starts, true), at(starts, false)}, reboot));
  EXPECT_FALSE(is_called_off({at(starts - 300h, true)}, reboot)) << "another one, of weeks ago";
  EXPECT_FALSE(is_called_off({listed("system-reboot", true)}, reboot)) << "EC2 does not say when";
  EXPECT_FALSE(is_called_off({}, reboot));
  EXPECT_FALSE(is_called_off({at(starts, true)}, retirement)) << "a reboot, not the retirement";
  EXPECT_FALSE(is_called_off({at(starts, true), undated}, reboot)) << "one is still to come";
}

}  // namespace
}  // namespace lifehook::handlers
