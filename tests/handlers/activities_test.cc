#include "handlers/activities.h"

#include <gtest/gtest.h>

#include <vector>

namespace lifehook::handlers {
namespace {

const std::vector<aws::scaling_activity> all{
    {"Launching a new EC2 instance: i-2", "a", {}},
    {"Terminating EC2 instance: i-2 - Waiting For ELB Connection Draining.", "b", {}},
    {"Terminating EC2 instance: i-1", "c", {}},
    {"Terminating EC2 instance: i-1", "d", {}},
    {"Launching a new EC2 instance from warm pool: i-4", "e", {}}};

std::string cause(event_kind kind, std::string_view instance) {
  const auto* const found = activity_of(kind, instance, all);
  return found ? found->cause : "";
}

TEST(activities, the_newest_that_is_about_the_instance_tells) {
  EXPECT_EQ(cause(event_kind::terminating, "i-1"), "c");
  EXPECT_EQ(cause(event_kind::terminating, "i-2"), "b");
  EXPECT_EQ(cause(event_kind::launching, "i-2"), "a");
  EXPECT_EQ(cause(event_kind::launching, "i-1"), "");
  EXPECT_EQ(cause(event_kind::terminating, "i-3"), "");
  EXPECT_EQ(cause(event_kind::launching, "i-4"), "e");
  EXPECT_EQ(cause(event_kind::terminating, "i-4"), "");
}

TEST(activities, a_short_id_that_begins_a_long_one_is_another_instance) {
  const std::vector<aws::scaling_activity> told{{"Terminating EC2 instance: i-0a1b2c3d4e5f67890", "the long one's", {}},
                                                {"Terminating EC2 instance: i-0a1b2c3d", "the short one's", {}}};

  const auto* const found = activity_of(event_kind::terminating, "i-0a1b2c3d", told);

  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->cause, "the short one's");
}

}  // namespace
}  // namespace lifehook::handlers
