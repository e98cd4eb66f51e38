#include "handlers/group_members.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

aws::scaling_group of(std::initializer_list<std::string_view> lifecycle_states) {
  aws::scaling_group group;
  for (const auto state : lifecycle_states) group.instances.push_back({"i-0a", std::string(state)});
  return group;
}

TEST(group_members, those_on_their_way_into_service_stay_and_those_on_their_way_out_do_not) {
  EXPECT_EQ(staying(of({"Pending", "Pending:Wait", "Pending:Proceed", "InService"})), 4);
  EXPECT_EQ(staying(of({"Terminating", "Terminating:Wait", "Terminating:Proceed", "Detaching", "Detached"})), 0);
}

TEST(group_members, what_desired_capacity_does_not_count_is_not_taken_for_a_replacement) {
  EXPECT_EQ(staying(of({"InService", "Standby", "EnteringStandby", "Warmed:Stopped", "Warmed:Pending"})), 1);
  EXPECT_EQ(in_service(of({"InService", "Standby", "Pending"})), 1);
}

}  // namespace
}  // namespace lifehook::handlers
