#include "handlers/maintenance.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

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

TEST(maintenance, comes_back_from_a_reboot_but_not_from_a_stop_or_a_retirement) {
  EXPECT_TRUE(comes_back(change("AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED")));
  EXPECT_TRUE(comes_back(change("AWS_EC2_INSTANCE_NETWORK_MAINTENANCE_SCHEDULED")));
  EXPECT_FALSE(comes_back(change("AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED")));
  EXPECT_FALSE(comes_back(change("AWS_EC2_INSTANCE_STOP_SCHEDULED")));
}

TEST(maintenance, is_over_when_none_is_to_come_any_more) {
  EXPECT_EQ(state_of({listed("system-reboot", false)}), maintenance::to_come);
  EXPECT_EQ(state_of({listed("system-reboot", true)}), maintenance::over);
  EXPECT_EQ(state_of({listed("system-reboot", true), listed("instance-reboot", false)}), maintenance::to_come);
  EXPECT_EQ(state_of({}), maintenance::unlisted);
  EXPECT_EQ(state_of({listed("instance-retirement", false)}), maintenance::unlisted);
}

}  // namespace
}  // namespace lifehook::handlers
