#include "simulator/ecs_filter.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::ElementsAre;
using testing::Pointee;

struct filters : testing::Test {
  filters() { each.ec2_id = "i-a"; }
  bool accepts(std::string_view text) { return instance_filter::parse(text).value().accepts(each); }

  ecs_cluster in;
  ecs_instance each{in};
};

TEST_F(filters, accept_everything_when_empty) { EXPECT_TRUE(accepts("")); }

TEST_F(filters, compare_ec2_instance_ids) {
  EXPECT_TRUE(accepts("ec2InstanceId == i-a"));
  EXPECT_FALSE(accepts("ec2InstanceId == i-b"));
  EXPECT_TRUE(accepts("ec2InstanceId != i-b"));
  EXPECT_TRUE(accepts("ec2InstanceId in [i-b, i-a]"));
  EXPECT_TRUE(accepts("ec2InstanceId in [i-a]"));
  EXPECT_FALSE(accepts("ec2InstanceId !in [i-b,i-a]"));
}

TEST_F(filters, compare_counts_and_the_agent) {
  each.running = 3;

  EXPECT_TRUE(accepts("runningTasksCount > 2"));
  EXPECT_TRUE(accepts("runningTasksCount <= 3"));
  EXPECT_FALSE(accepts("runningTasksCount == 0"));
  EXPECT_FALSE(accepts("agentConnected == false"));
}

TEST_F(filters, join_with_and_or_not_and_parentheses) {
  EXPECT_TRUE(accepts("ec2InstanceId == i-b or ec2InstanceId == i-a and agentConnected == true"));
  EXPECT_FALSE(accepts("(ec2InstanceId == i-b or ec2InstanceId == i-a) and agentConnected == false"));
  EXPECT_TRUE(accepts("not ec2InstanceId == i-b"));
}

TEST_F(filters, know_when_they_can_only_accept_named_instances) {
  EXPECT_THAT(instance_filter::parse("ec2InstanceId in [i-a, i-b]").value().only_ec2_ids(),
              Pointee(ElementsAre("i-a", "i-b")));
  EXPECT_EQ(instance_filter::parse("ec2InstanceId !in [i-a]").value().only_ec2_ids(), nullptr);
  EXPECT_EQ(instance_filter::parse("agentConnected == true").value().only_ec2_ids(), nullptr);
}

TEST_F(filters, are_refused_when_they_cannot_be_read) {
  for (const auto* text :
       {"ec2InstanceId", "ec2InstanceId ==", "ec2InstanceId in i-a", "ec2InstanceId in [i-a", "color == red",
        "ec2InstanceId == i-a i-b", "(agentConnected == true", "ec2InstanceId > i-a", "and"}) {
    const auto refused = instance_filter::parse(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, "InvalidParameterException") << text;
  }
  EXPECT_FALSE(instance_filter::parse(std::string(10'000, '(')));
}

}  // namespace
}  // namespace lifehook::simulator
