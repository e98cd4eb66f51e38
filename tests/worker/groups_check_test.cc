#include "worker/groups_check.h"

#include "tests/worker/config_writing.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using kind = aws_finding::kind;

constexpr std::string_view both_lists =
    "    match: [web-*]\n    hooks: [drain*, lanch-hook]\n    launching: [wait: {for: 1s}]\n"
    "    terminating: [wait: {for: 1s}]\n";

struct groups_check_test : testing::Test {
  // Of hooks by name, launching ones with a leading "launch".
  void see(std::vector<std::string> names, const std::string& group = "web-asg") {
    std::vector<aws::lifecycle_hook> hooks;
    for (auto& each : names)
      hooks.push_back({.name = each,
                       .transition = each.starts_with("launch") ? "autoscaling:EC2_INSTANCE_LAUNCHING"
                                                                : "autoscaling:EC2_INSTANCE_TERMINATING",
                       .heartbeat_timeout = 300s,
                       .global_timeout = 30000s,
                       .default_result = "CONTINUE",
                       .notifies = "arn:aws:sqs:eu-west-1:111122223333:lifecycle"});
    aws::scaling_group in;
    in.name = group;
    check.see_hooks(in, hooks);
  }
  std::vector<std::string> idle() {
    told.clear();
    check.say_of_idle();
    std::vector<std::string> texts;
    for (const auto& each : told) {
      EXPECT_EQ(each.how, kind::warning) << each.text;
      texts.push_back(each.text);
    }
    return texts;
  }

  std::vector<aws_finding> told;
  const tell_finding tell = [this](const aws_finding& each) { told.push_back(each); };
  const queue_feeds feeds{tell};
  const config of = parsed(with_group(both_lists)).value();
  groups_check check{of, feeds, tell};
};

TEST_F(groups_check_test, a_list_and_a_name_that_no_hook_is_for_are_told_of_beside_a_hook_that_is_answered) {
  see({"drain-hook", "launch-hook"});

  EXPECT_THAT(idle(), ElementsAre("group web: no lifecycle hook is called lanch-hook now; did you mean launch-hook?",
                                  "group web: launching: no hook of this kind is answered now"));
}

TEST_F(groups_check_test, what_one_of_a_groups_auto_scaling_groups_has_is_not_missing) {
  see({"drain-hook"});
  see({"lanch-hook"}, "web-2");

  EXPECT_THAT(idle(), Not(Contains(HasSubstr("no lifecycle hook is called"))));
}

TEST_F(groups_check_test, a_hook_that_notifies_us_and_is_answered_by_no_list_is_warned_of_beside_one_that_is) {
  see({"drain-hook", "save-hook"});

  EXPECT_EQ(told.back().how, kind::warning);
  EXPECT_EQ(told.back().text,
            "web-asg: hook save-hook: it notifies the queue, and no list here answers it: AWS ends it after 5m with "
            "CONTINUE");
}

TEST_F(groups_check_test, where_no_hook_at_all_is_answered_that_is_said_and_no_more) {
  see({"launch-hook"});

  ASSERT_EQ(told.size(), 2U);
  EXPECT_THAT(told[1].text, HasSubstr("web-asg: no lifecycle hook of it is answered; it has launch-hook"));
  EXPECT_THAT(idle(), IsEmpty());
}

TEST_F(groups_check_test, a_hook_that_notifies_nobody_is_warned_of_where_no_rule_brings_its_events) {
  aws::scaling_group in;
  in.name = "web-asg";
  check.see_hooks(in, {{.name = "drain-hook",
                        .transition = "autoscaling:EC2_INSTANCE_TERMINATING",
                        .heartbeat_timeout = 300s,
                        .global_timeout = 30000s,
                        .default_result = "CONTINUE"}});

  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].how, kind::warning);
  EXPECT_THAT(told[0].text, HasSubstr("it notifies nobody, and no EventBridge rule brings its events"));
}

TEST(groups_check_of_rebalancing, warns_of_a_group_that_replaces_its_instances_itself_beside_a_step_that_does) {
  const auto of = parsed(with_group("    match: [web-*]\n    spot_interruption: [detach_instance]\n"
                                    "    rebalance_recommendation: [wait: {for: 1s}, [raise_capacity, notify: {topic: "
                                    "\"arn:aws:sns:eu-west-1:111122223333:a\"}]]\n"
                                    "    scheduled_change: [raise_capacity]\n"))
                      .value();
  std::vector<std::string> warned;
  const tell_finding tell = [&warned](const aws_finding& each) {
    if (each.how == kind::warning) warned.push_back(each.text);
  };
  const queue_feeds feeds{tell};
  aws::scaling_group group;
  group.name = "web-asg";

  groups_check(of, feeds, tell).see_groups({group});
  EXPECT_THAT(warned, IsEmpty());

  group.rebalances = true;
  auto unmatched = group;
  unmatched.name = "batch";
  groups_check(of, feeds, tell).see_groups({group, unmatched});
  const std::string twice = ": an instance is replaced twice: the group's Capacity Rebalancing does it too";
  EXPECT_THAT(warned, ElementsAre(HasSubstr("web-asg: raise_capacity of rebalance_recommendation" + twice),
                                  HasSubstr("web-asg: detach_instance of spot_interruption" + twice)));
}

}  // namespace
}  // namespace lifehook::worker
