#include "aws/budget.h"

#include "base/interrupt.h"
#include "tests/support/virtual_time.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

struct budget_test : testing::Test {
  static task<> call(budget_test& self, urgency how, std::string name) {
    const auto by = self.time.clock.uptime() + self.patience;
    co_await self.calls.enter(how, by);
    self.left.push_back(std::move(name));
  }
  static task<result<>> visit(budget_test& self, urgency how, std::string name) {
    co_await call(self, how, std::move(name));
    co_return result<>();
  }
  static task<> call_unless(budget_test& self, interrupt& stop, std::string name) {
    co_await stop.guard(visit(self, urgency::look_up, std::move(name)));
  }
  void ask(urgency how, std::string name) { time.tasks.spawn(call(*this, how, std::move(name))); }
  // That many calls a second, evenly.
  void take_for(duration span, int a_second, urgency how) {
    for (const auto end = time.clock.uptime() + span; time.clock.uptime() < end; time.run_for(duration(1s) / a_second))
      calls.take_now(how);
  }

  test::virtual_time time;
  budget calls{time.clock, {1, 1}};
  duration patience{0};
  std::vector<std::string> left;
};

TEST_F(budget_test, the_most_urgent_go_first_and_equals_in_their_order) {
  ask(urgency::look_up, "look-up");
  time.run_for(0s);
  ask(urgency::look_up, "second look-up");
  ask(urgency::image, "image");
  ask(urgency::drain, "drain");
  ask(urgency::hook, "heartbeat");
  ask(urgency::interruption, "interruption");
  ask(urgency::hook, "second heartbeat");

  time.run_for(20s);

  EXPECT_THAT(left, ElementsAre("look-up", "heartbeat", "second heartbeat", "interruption", "drain", "image",
                                "second look-up"));
}

TEST_F(budget_test, as_many_leave_as_the_limits_allow) {
  for (int i = 0; i < 10; ++i) ask(urgency::drain, "drain");

  time.run_for(3500ms);

  EXPECT_THAT(left, SizeIs(4));
  EXPECT_EQ(calls.waiting(), 6U);
  time.run_for(10s);
}

TEST_F(budget_test, a_wait_that_is_given_up_takes_nobodys_turn) {
  interrupt stop;
  ask(urgency::look_up, "first");
  time.run_for(0s);
  time.tasks.spawn(call_unless(*this, stop, "given up"));
  ask(urgency::look_up, "last");
  time.run_for(100ms);

  stop.raise();
  time.run_for(1s);

  EXPECT_THAT(left, ElementsAre("first", "last"));
  EXPECT_EQ(calls.waiting(), 0U);
}

TEST_F(budget_test, slows_down_when_aws_throttles) {
  budget unlimited(time.clock, {});
  EXPECT_TRUE(unlimited.take_now(urgency::look_up));

  unlimited.throttled();

  EXPECT_FALSE(unlimited.take_now(urgency::look_up));
  time.run_for(2s);
  EXPECT_TRUE(unlimited.take_now(urgency::look_up));
}

TEST_F(budget_test, what_keeps_a_hook_open_never_waits) {
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(calls.take_now(urgency::hook));
  ask(urgency::look_up, "look-up");

  time.run_for(1s);
  EXPECT_THAT(left, testing::IsEmpty()) << "the others pay for it";
  time.run_for(5s);
  EXPECT_THAT(left, SizeIs(1)) << "but not for long";
}

TEST_F(budget_test, what_keeps_a_hook_open_waits_once_aws_throttles_and_goes_first) {
  calls.throttled();
  ask(urgency::look_up, "look-up");
  for (int i = 0; i < 3; ++i) ask(urgency::hook, "heartbeat");

  time.run_for(100ms);
  EXPECT_FALSE(calls.take_now(urgency::hook));
  EXPECT_THAT(left, testing::IsEmpty());
  time.run_for(10s);

  EXPECT_THAT(left, ElementsAre("heartbeat", "heartbeat", "heartbeat", "look-up"));
}

TEST_F(budget_test, among_equals_who_is_in_a_hurry_goes_before_who_has_time) {
  calls.throttled();
  patience = 1min;
  ask(urgency::hook, "has time");
  time.run_for(100ms);
  patience = 5s;
  ask(urgency::hook, "in a hurry");
  ask(urgency::hook, "second in a hurry");

  time.run_for(10s);

  EXPECT_THAT(left, ElementsAre("in a hurry", "second in a hurry", "has time"));
}

TEST_F(budget_test, who_cannot_wait_any_longer_leaves_without_a_turn_that_the_others_pay_for) {
  calls.throttled();
  time.run_for(100s);
  calls.throttled();
  const auto now = time.clock.uptime();
  for (const auto* each : {"first", "second", "third"}) ask(urgency::hook, each);
  time.tasks.spawn(calls.enter(urgency::hook, now + 1h, now + 300ms));
  time.tasks.spawn(calls.enter(urgency::hook, now + 1h, now));

  time.run_for(0s);
  EXPECT_EQ(time.tasks.running(), 4U) << "one came too late to wait";
  time.run_for(300ms);
  EXPECT_EQ(time.tasks.running(), 3U);
  EXPECT_THAT(left, SizeIs(0));

  time.run_for(2s + 699ms);
  EXPECT_THAT(left, SizeIs(0)) << "a turn each for those who took none";
  time.run_for(3s + 1ms);
  EXPECT_THAT(left, SizeIs(3));
}

TEST_F(budget_test, hooks_that_wait_leave_a_tenth_of_the_turns_to_the_others) {
  calls.throttled();
  for (int i = 0; i < 60; ++i) ask(urgency::hook, "heartbeat");
  for (int i = 0; i < 10; ++i) ask(urgency::look_up, "look-up");

  time.run_for(45s);

  EXPECT_THAT(std::count(left.begin(), left.end(), "look-up"), testing::AllOf(testing::Ge(3), testing::Le(5)));
  time.run_for(2min);
  EXPECT_THAT(left, SizeIs(70));
}

TEST_F(budget_test, however_much_hooks_take_the_others_go_on) {
  for (int i = 0; i < 10; ++i) ask(urgency::look_up, "look-up");

  take_for(1min, 10, urgency::hook);

  EXPECT_THAT(left, SizeIs(testing::AllOf(testing::Ge(5U), testing::Le(7U)))) << "a tenth of the rate";
  time.run_for(1min);
  EXPECT_THAT(left, SizeIs(10)) << "and all of them soon after";
}

TEST_F(budget_test, other_limits_are_also_for_those_who_wait) {
  for (int i = 0; i < 60; ++i) ask(urgency::drain, "drain");
  time.run_for(1500ms);
  calls.change({1, 0.01});
  time.run_for(10s);
  EXPECT_THAT(left, SizeIs(2));

  calls.change({10, 10});
  time.run_for(1s);
  EXPECT_THAT(left, SizeIs(testing::Ge(11U)));
  calls.change({1, 1});
  const auto until_then = left.size();
  time.run_for(3s);

  EXPECT_THAT(left, SizeIs(testing::AllOf(testing::Ge(until_then + 2), testing::Le(until_then + 4))));
  time.run_for(1min);
}

TEST_F(budget_test, who_comes_when_the_wait_is_just_over_does_not_overtake_those_who_wait) {
  calls.take_now(urgency::look_up);
  std::optional<bool> overtook;
  alarm just_then(time.clock);
  just_then.set(1s, [&] { overtook = calls.take_now(urgency::interruption); });
  ask(urgency::look_up, "look-up");

  time.run_for(1s);

  EXPECT_EQ(overtook, false);
  EXPECT_THAT(left, SizeIs(1));
}

TEST_F(budget_test, limits_that_change_while_nobody_waits_any_more_are_for_who_comes_next) {
  calls.take_now(urgency::look_up);
  calls.change({1, 0.01});
  interrupt stop;
  time.tasks.spawn(call_unless(*this, stop, "given up"));
  time.run_for(0s);
  stop.raise();
  time.run_for(0s);

  calls.change({1, 1});
  ask(urgency::look_up, "look-up");
  time.run_for(2s);

  EXPECT_THAT(left, ElementsAre("look-up"));
}

TEST_F(budget_test, limits_that_are_lifted_let_all_go) {
  for (int i = 0; i < 10; ++i) ask(urgency::drain, "drain");
  time.run_for(0s);

  calls.change({});
  time.run_for(0s);

  EXPECT_THAT(left, SizeIs(10));
}

TEST_F(budget_test, tells_what_the_more_urgent_leave_that_waited_too) {
  for (int i = 0; i < 40; ++i) ask(urgency::interruption, "interruption");

  time.run_for(20s);

  EXPECT_LT(calls.rate_for(urgency::drain).value(), 0.6);
  EXPECT_DOUBLE_EQ(calls.rate_for(urgency::interruption).value(), 1);
  time.run_for(1min);
}

TEST_F(budget_test, tells_what_the_more_urgent_leave) {
  budget twenty(time.clock, {100, 20});
  EXPECT_DOUBLE_EQ(twenty.rate_for(urgency::drain).value(), 20);

  for (int i = 0; i < 150; ++i) twenty.take_now(urgency::hook);
  for (int i = 0; i < 90; ++i) twenty.take_now(urgency::image);

  EXPECT_NEAR(twenty.rate_for(urgency::drain).value(), 15, 0.1) << "hooks take five a second";
  EXPECT_DOUBLE_EQ(twenty.rate_for(urgency::hook).value(), 20);
  for (int i = 0; i < 1500; ++i) twenty.take_now(urgency::hook);
  EXPECT_DOUBLE_EQ(twenty.rate_for(urgency::drain).value(), 2) << "a tenth at least";
}

TEST_F(budget_test, without_figures_leaves_any_number) {
  budget unlimited(time.clock, {});
  for (int i = 0; i < 1000; ++i) unlimited.take_now(urgency::hook);

  EXPECT_EQ(unlimited.rate_for(urgency::look_up), std::nullopt);
  EXPECT_FALSE(unlimited.overloaded().has_value());
}

TEST_F(budget_test, is_overloaded_while_hooks_ask_for_more_than_there_is) {
  take_for(1min, 4, urgency::hook);

  const auto found = calls.overloaded();
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->asked, 4, 1);
  EXPECT_DOUBLE_EQ(found->allowed, 1);
  time.run_for(20s);
  EXPECT_FALSE(calls.overloaded().has_value()) << "it is over";
}

TEST_F(budget_test, is_not_overloaded_by_a_burst_of_hooks_nor_by_what_waits) {
  budget hundred(time.clock, {100, 20});
  for (int i = 0; i < 400; ++i) hundred.take_now(urgency::hook);
  take_for(1min, 4, urgency::drain);

  EXPECT_FALSE(hundred.overloaded().has_value());
  EXPECT_FALSE(calls.overloaded().has_value());
}

TEST_F(budget_test, who_is_the_first_to_wait_after_a_rest_waits_all_the_same) {
  time.run_for(1h);
  for (int i = 0; i < 10; ++i) calls.take_now(urgency::hook);

  ask(urgency::drain, "drain");
  time.run_for(1s);

  EXPECT_TRUE(left.empty());
}

TEST_F(budget_test, interruptions_that_keep_coming_leave_a_tenth_to_the_rest) {
  ask(urgency::look_up, "first");
  time.run_for(0s);
  ask(urgency::drain, "drain");
  for (int i = 0; i < 30; ++i) {
    ask(urgency::interruption, "interruption");
    time.run_for(1s);
  }

  EXPECT_GE(std::count(left.begin(), left.end(), "interruption"), 25);
  const auto drain = std::find(left.begin(), left.end(), "drain");
  ASSERT_NE(drain, left.end());
  EXPECT_GE(drain - left.begin(), 9) << "not before a tenth of the turns";
}

TEST_F(budget_test, has_calls_to_spare_while_nobody_waits_and_half_of_a_burst_is_left) {
  budget ten{time.clock, {10, 1}};
  for (int i = 0; i < 4; ++i) ten.take_now(urgency::look_up);
  EXPECT_TRUE(ten.has_to_spare());

  ten.take_now(urgency::look_up);
  EXPECT_FALSE(ten.has_to_spare());
  time.run_for(1s);
  EXPECT_TRUE(ten.has_to_spare());

  ten.throttled();
  time.run_for(10s);
  EXPECT_FALSE(ten.has_to_spare()) << "AWS has said that it is too much";
}

TEST_F(budget_test, without_limits_there_are_calls_to_spare_until_aws_throttles) {
  budget any{time.clock, {}};
  for (int i = 0; i < 1000; ++i) any.take_now(urgency::look_up);
  EXPECT_TRUE(any.has_to_spare());

  any.throttled();

  EXPECT_FALSE(any.has_to_spare());
}

TEST(call_class, has_a_bucket_of_all_load_balancing_calls_besides_their_own) {
  const auto leave = class_of("elasticloadbalancing", "DeregisterTargets");
  const auto look = class_of("elasticloadbalancing", "DescribeTargetHealth");

  ASSERT_NE(leave.wider, nullptr);
  EXPECT_EQ(leave.wider, look.wider);
  EXPECT_NE(leave.family, look.family);
  EXPECT_EQ(class_of("ecs", "ListTasks").wider, nullptr);
  EXPECT_THAT(call_families(), testing::IsSupersetOf({"elb", "elb_read", "elb_targets"}));
}

TEST(call_class, knows_families_and_whose_turn_comes_first) {
  EXPECT_EQ(class_of("autoscaling", "CompleteLifecycleAction").how, urgency::hook);
  EXPECT_EQ(class_of("autoscaling", "DescribeAutoScalingInstances").how, urgency::look_up);
  EXPECT_EQ(class_of("autoscaling", "DescribeAutoScalingInstances").family,
            class_of("autoscaling", "CompleteLifecycleAction").family);
  EXPECT_EQ(class_of("ecs", "ListTasks").family, class_of("ecs", "DescribeContainerInstances").family);
  EXPECT_NE(class_of("ecs", "UpdateContainerInstancesState").family, class_of("ecs", "ListTasks").family);
  EXPECT_EQ(class_of("ecs", "StopTask").family, class_of("ecs", "UpdateContainerInstancesState").family);
  EXPECT_EQ(class_of("autoscaling", "TerminateInstanceInAutoScalingGroup").how, urgency::interruption);
  EXPECT_DOUBLE_EQ(class_of("ecs", "DescribeTasks").limits.refill, 20);
  EXPECT_FALSE(class_of("sqs", "DeleteMessageBatch").limits.adapts);
  EXPECT_DOUBLE_EQ(class_of("sqs", "DeleteMessageBatch").limits.refill, 0);
}

}  // namespace
}  // namespace lifehook::aws
