#include "handlers/raise_capacity.h"

#include "base/side_by_side.h"
#include "handlers/capacity_note.h"
#include "tests/handlers/step_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

task<bool> side_by_side_of(task<result<outcome>> one, task<result<outcome>> another) {
  std::vector<task<result<outcome>>> both;
  both.push_back(std::move(one));
  both.push_back(std::move(another));
  const auto ended = co_await side_by_side(std::move(both));
  co_return ended[0].has_value() && ended[1].has_value();
}

struct raise_capacity_test : testing::Test {
  explicit raise_capacity_test(int members = 2) {
    fleet.furnish(members);
    fleet.time.run_for(10s);
  }
  int desired() { return fleet.group_now()->desired; }
  void note(std::string key, std::string text) {
    fleet.time.wait_for(fleet.state->write_note(std::move(key), std::move(text), 1h));
  }

  step_stage fleet;
  step_plan raise = plan_of("raise_capacity");
};

TEST_F(raise_capacity_test, raises_by_one_for_an_instance_however_often_it_is_told) {
  const auto about = fleet.spot(fleet.an_instance());

  EXPECT_EQ(fleet.run(raise, about).value(), outcome::done);
  EXPECT_EQ(fleet.run(raise, about).value(), outcome::done);

  EXPECT_EQ(desired(), 3);
}

TEST_F(raise_capacity_test, a_change_that_is_two_weeks_ahead_raises_once_however_often_its_message_comes) {
  auto about = fleet.spot(fleet.an_instance());
  about.kind = event_kind::scheduled_change;
  about.starts = fleet.time.clock.now() + 24h * 14;

  for (int receive = 0; receive < 4; ++receive) {
    EXPECT_EQ(fleet.run(raise, about).value(), outcome::done);
    fleet.time.run_for(24h * 4);
  }

  EXPECT_EQ(desired(), 3);
}

TEST_F(raise_capacity_test, two_replicas_at_once_raise_by_two_for_two_instances) {
  auto other = fleet.replica();
  group& of = fleet.service;
  plan_runner here(of, {{{raise}}}, fleet.services), there(of, {{{raise}}}, other);
  tenure mine(fleet.terms()), theirs(fleet.terms());
  const auto first = std::make_shared<event>(fleet.spot(fleet.members()[0]));
  const auto second = std::make_shared<event>(fleet.spot(fleet.members()[1]));
  fleet.wire.latency = 200ms;

  EXPECT_TRUE(fleet.time.wait_for(side_by_side_of(mine.work().guard(here.run(first, mine, fleet.log)),
                                                  theirs.work().guard(there.run(second, theirs, fleet.log)))));

  fleet.wire.latency = 0ms;
  EXPECT_EQ(desired(), 4);
}

// For two seconds Auto Scaling shows the capacity of now, whatever is set.
struct lagging_group : raise_capacity_test {
  lagging_group() : raise_capacity_test(3) {
    fleet.group_now();
    fleet.wire.instead = [this, before = fleet.wire.last["DescribeAutoScalingGroups"]](const seen_call& call) {
      const bool lags = call.operation == "DescribeAutoScalingGroups" && call.at < until;
      return lags ? std::optional(before) : refused(call);
    };
  }
  std::optional<aws::http_response> refused(const seen_call& call) {
    const bool refuses = call.operation == "SetDesiredCapacity" && fleet.wire.count(call.operation) == refused_raise;
    return refuses ? std::optional(rejected_call()) : std::nullopt;
  }
  int desired_at_last() {
    fleet.time.run_for(10s);
    return desired();
  }

  std::size_t refused_raise = 0;  // of the calls, the first is 1
  const time_point until = fleet.time.clock.now() + 2s;
};

TEST_F(lagging_group, is_raised_by_two_for_two) {
  fleet.run(raise, fleet.spot(fleet.members()[0]));
  fleet.run(raise, fleet.spot(fleet.members()[1]));

  EXPECT_EQ(desired_at_last(), 5);
}

TEST_F(lagging_group, is_raised_by_three_for_three) {
  for (const auto& instance : fleet.members()) fleet.run(raise, fleet.spot(instance));

  EXPECT_EQ(desired_at_last(), 6) << "the third must not take the second's away";
}

TEST_F(lagging_group, is_raised_by_two_for_two_though_aws_refuses_the_second_at_first) {
  refused_raise = 2;
  fleet.run(raise, fleet.spot(fleet.members()[0]));
  EXPECT_EQ(fleet.run(raise, fleet.spot(fleet.members()[1])).value(), outcome::failed);
  fleet.run(raise, fleet.spot(fleet.members()[1]));

  EXPECT_EQ(desired_at_last(), 5);
}

TEST_F(lagging_group, keeps_what_a_detach_has_raised_a_moment_ago) {
  const auto detach = plan_of("detach_instance", {{"min_in_service", std::int64_t(5)}});
  tenure keeps(fleet.terms());
  alarm ending(fleet.time.clock);
  ending.set(500ms, [&keeps] { keeps.end(give_up::stop); });
  plan_runner runner(fleet.service, {{{detach}}}, fleet.services);
  const auto about = std::make_shared<event>(fleet.spot(fleet.members()[0]));
  fleet.time.wait_for(keeps.work().guard(runner.run(about, keeps, fleet.log)));
  ASSERT_EQ(fleet.wire.count("SetDesiredCapacity"), 1U);

  fleet.run(raise, fleet.spot(fleet.members()[1]));

  EXPECT_EQ(desired_at_last(), 6);
}

TEST_F(lagging_group, is_not_taken_for_replaced_by_another_worker) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.run(raise, about);

  fleet.give_back(raise, about);

  ASSERT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 1U);
  EXPECT_GE(fleet.wire.of("TerminateInstanceInAutoScalingGroup").front().at, until);
}

TEST_F(raise_capacity_test, stays_within_the_maximum) {
  fleet.world.autoscaling().create_group({.name = "web-full", .min_size = 0, .max_size = 1, .desired = 1});
  fleet.time.run_for(10s);
  auto about = fleet.spot(fleet.world.autoscaling().instances("web-full").front());
  about.group = "web-full";

  EXPECT_EQ(fleet.run(raise, about).value(), outcome::at_max);
  EXPECT_EQ(fleet.logged("capacity_at_max").size(), 1U);

  auto only_said = raise;
  only_said.dry_run = true;
  EXPECT_EQ(fleet.run(only_said, about).value(), outcome::at_max);
  EXPECT_EQ(fleet.wire.count("SetDesiredCapacity"), 0U);
}

TEST_F(raise_capacity_test, an_instance_in_no_group_raises_nothing) {
  auto about = fleet.spot("i-0000000000000dead");
  about.group.clear();

  EXPECT_EQ(fleet.run(raise, about).value(), outcome::skipped);
}

TEST_F(raise_capacity_test, a_raise_that_was_begun_elsewhere_is_not_made_twice) {
  const auto about = fleet.spot(fleet.an_instance());
  note(capacity_change_key("web-fleet"), to_text(capacity_change{about.instance, 2, 3}));
  fleet.world.autoscaling().set_desired("web-fleet", 3);  // it had told AWS

  EXPECT_EQ(fleet.run(raise, about).value(), outcome::done);
  EXPECT_EQ(desired(), 3);
}

TEST_F(raise_capacity_test, a_raise_that_was_noted_but_never_told_is_made) {
  const auto about = fleet.spot(fleet.an_instance());
  note(capacity_change_key("web-fleet"), to_text(capacity_change{about.instance, 2, 3}));

  EXPECT_EQ(fleet.run(raise, about).value(), outcome::done);
  EXPECT_EQ(desired(), 3);
}

TEST_F(raise_capacity_test, is_given_back_by_ending_the_instance_once_its_replacement_serves) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.run(raise, about);
  fleet.time.run_for(10s);

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);

  EXPECT_EQ(desired(), 2);
  EXPECT_NE(fleet.world.autoscaling().lifecycle_state(about.instance), "InService");
  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done) << "told twice";
  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, is_given_back_once_by_lowering_when_the_instance_has_gone) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.run(raise, about);
  fleet.world.ec2().terminate(about.instance);
  fleet.time.run_for(5min);
  ASSERT_EQ(desired(), 3);

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);
  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);

  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, a_dry_run_says_what_the_capacity_would_be) {
  auto only_said = raise;
  only_said.dry_run = true;
  const auto before = desired();
  const auto about = fleet.spot(fleet.an_instance());

  EXPECT_EQ(fleet.run(only_said, about).value(), outcome::done);
  ASSERT_EQ(fleet.logged("would_raise_capacity").size(), 1U);
  EXPECT_EQ(fleet.logged("would_raise_capacity").front().at("to").as_int64(), before + 1);
  EXPECT_EQ(desired(), before);
}

TEST_F(raise_capacity_test, a_dry_run_gives_nothing_back) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.run(raise, about);
  fleet.time.run_for(10s);
  auto only_said = raise;
  only_said.dry_run = true;

  EXPECT_EQ(fleet.give_back(only_said, about).value(), outcome::skipped);

  EXPECT_EQ(desired(), 3);
  EXPECT_EQ(fleet.world.autoscaling().lifecycle_state(about.instance), "InService");
}

TEST_F(raise_capacity_test, what_was_not_raised_is_not_given_back) {
  const auto about = fleet.spot(fleet.an_instance());

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::skipped);
  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, a_lost_answer_ends_one_instance_and_lowers_by_one) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.run(raise, about);
  fleet.time.run_for(10s);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add({simulator::fault_kind::lost_answer,
                            "autoscaling",
                            "TerminateInstanceInAutoScalingGroup",
                            1.0,
                            now,
                            now + 1s,
                            {}});

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);

  EXPECT_EQ(desired(), 2);
  EXPECT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 1U);
}

TEST_F(raise_capacity_test, an_end_that_aws_refused_until_the_instance_was_reclaimed_is_lowered) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.run(raise, about);
  fleet.time.run_for(10s);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add(
      {simulator::fault_kind::throttle, "autoscaling", "TerminateInstanceInAutoScalingGroup", 1.0, now, now + 1h, {}});
  alarm reclaim(fleet.time.clock);
  reclaim.set(10s, [&] { fleet.world.ec2().terminate(about.instance); });

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);

  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, a_request_that_was_lost_on_its_way_is_not_taken_for_the_instances_end) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.run(raise, about);
  fleet.time.run_for(10s);
  note(capacity_key("web-fleet", about.instance), to_text(capacity_stage::ending));
  fleet.world.ec2().terminate(about.instance);
  fleet.time.run_for(5min);

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);

  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, an_event_without_a_window_gives_back_when_its_deadline_comes_without_a_replacement) {
  fleet.world.autoscaling().create_group({.name = "web-slow", .max_size = 3, .desired = 1, .launch_time = 10h});
  auto about = fleet.spot(fleet.world.autoscaling().instances("web-slow").front());
  about.kind = event_kind::rebalance_recommendation;
  about.group = "web-slow";

  const auto ended = fleet.attend({{{raise}}}, about);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(fleet.time.wait_for(fleet.instances.group("web-slow")).value()->desired, 1);
  EXPECT_EQ(fleet.logged("capacity_raised").size(), 1U);
  EXPECT_EQ(fleet.logged("not_given_back").size(), 0U);
}

// A group for which AWS has no capacity left: what is raised is never launched.
struct launchless_group : raise_capacity_test {
  launchless_group() {
    fleet.wire.instead = [this](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation == "SetDesiredCapacity") {
        asked.push_back(call.body.substr(call.body.find("DesiredCapacity=") + 16, 1));
        return aws::http_response{200, {}, "<SetDesiredCapacityResponse/>"};
      }
      if (call.operation != "DescribeAutoScalingGroups" || asked.empty()) return std::nullopt;
      auto shown = fleet.wire.last[call.operation];
      const auto at = shown.body.find("<DesiredCapacity>2<");
      if (at != std::string::npos) shown.body.replace(at + 17, 1, asked.back());
      return shown;
    };
  }

  std::vector<std::string> asked;  // of SetDesiredCapacity
};

TEST_F(launchless_group, an_instance_that_need_not_end_is_not_ended_with_work_on_it_when_nothing_replaces_it) {
  auto about = fleet.spot(fleet.an_instance());
  about.kind = event_kind::rebalance_recommendation;

  const auto ended = fleet.attend({{{raise}}, {{wait_step(10h, 1min)}}}, about);

  EXPECT_TRUE(is_failure(ended.how));
  EXPECT_EQ(asked, (std::vector<std::string>{"3", "2"}));
  EXPECT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 0U);
  EXPECT_EQ(fleet.logged("not_replaced").size(), 1U);
}

TEST_F(launchless_group, an_instance_that_was_left_in_service_is_replaced_when_it_is_interrupted_after_all) {
  auto about = fleet.spot(fleet.an_instance());
  about.kind = event_kind::rebalance_recommendation;
  fleet.attend({{{raise}}, {{wait_step(10h, 1min)}}}, about);
  fleet.run(raise, about);
  ASSERT_EQ(asked, (std::vector<std::string>{"3", "2"})) << "a copy of the event raises nothing";

  fleet.run(raise, fleet.spot(about.instance));

  EXPECT_EQ(asked, (std::vector<std::string>{"3", "2", "3"}));
}

TEST_F(launchless_group, an_instance_whose_list_is_done_is_ended_for_auto_scaling_to_replace_it) {
  auto about = fleet.spot(fleet.an_instance());
  about.kind = event_kind::rebalance_recommendation;

  EXPECT_EQ(fleet.attend({{{raise}}}, about).how, outcome::done);

  EXPECT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 1U);
}

TEST_F(raise_capacity_test, an_event_gives_back_after_its_other_steps_and_before_the_instance_is_reclaimed) {
  const auto instance = fleet.an_instance();
  fleet.world.ec2().warn_spot(instance);
  const auto about = fleet.spot(instance);
  const auto before = fleet.time.clock.now();

  const auto ended = fleet.attend({{{raise, wait_step(60s)}}}, about);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(ended.how, outcome::done);
  EXPECT_EQ(desired(), 2);
  EXPECT_GE(fleet.time.clock.now() - before, 60s);
  EXPECT_LE(fleet.time.clock.now() - before, 100s);
}

TEST_F(raise_capacity_test, an_event_that_is_long_over_still_gives_back) {
  const auto instance = fleet.an_instance();
  auto about = fleet.spot(instance);
  fleet.run(raise, about);
  fleet.world.ec2().terminate(instance);
  fleet.time.run_for(10min);

  const auto ended = fleet.attend({{{raise}}}, about);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, an_outage_is_waited_out_and_one_is_raised_after_it) {
  fleet.deny("autoscaling", "DescribeAutoScalingGroups", 40s);
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(raise, fleet.spot(fleet.an_instance())).value(), outcome::done);

  EXPECT_GE(fleet.time.clock.now() - before, 40s);
  EXPECT_EQ(desired(), 3);
}

TEST_F(raise_capacity_test, is_not_given_back_while_auto_scaling_shows_the_capacity_of_before) {
  fleet.world.autoscaling().create_group({.name = "web-slow", .max_size = 3, .desired = 1, .launch_time = 1min});
  fleet.time.run_for(2min);
  auto about = fleet.spot(fleet.world.autoscaling().instances("web-slow").front());
  about.group = "web-slow";
  fleet.time.wait_for(fleet.instances.group("web-slow"));
  const auto raised = fleet.time.clock.now();
  fleet.wire.instead = [&, before = fleet.wire.last["DescribeAutoScalingGroups"]](
                           const seen_call& call) -> std::optional<aws::http_response> {
    const bool lags = call.operation == "DescribeAutoScalingGroups" && call.at < raised + 3s;
    return lags ? std::optional(before) : std::nullopt;
  };

  EXPECT_EQ(fleet.attend({{{raise}}}, about).how, outcome::done);

  ASSERT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 1U);
  EXPECT_GE(fleet.wire.of("TerminateInstanceInAutoScalingGroup").front().at, raised + 1min);
}

TEST_F(raise_capacity_test, a_raise_under_way_when_the_window_ends_is_given_back_once_it_has_arrived) {
  auto about = fleet.spot(fleet.an_instance());
  about.time = fleet.time.clock.now() - 99s;  // a second is left
  alarm arrives(fleet.time.clock);
  fleet.wire.slow = [&](const seen_call& call) -> duration {
    if (call.operation != "SetDesiredCapacity" || arrives.is_set()) return 0s;
    arrives.set(1500ms, [this] { fleet.world.autoscaling().set_desired("web-fleet", 3); });
    return 1h;
  };

  EXPECT_EQ(fleet.attend({{{raise}}}, about).what, verdict::kind::remove);

  fleet.time.run_for(1min);
  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, a_window_that_ends_leaves_time_to_give_back) {
  const auto about = fleet.spot(fleet.an_instance());
  const auto began = fleet.time.clock.now();

  EXPECT_TRUE(is_failure(fleet.attend({{{raise}}, {{wait_step(10min)}}}, about).how));

  ASSERT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 1U);
  EXPECT_LE(fleet.wire.of("TerminateInstanceInAutoScalingGroup").front().at - began, 100s);
}

TEST_F(raise_capacity_test, an_event_whose_time_was_used_up_elsewhere_still_gives_back) {
  auto about = fleet.spot(fleet.an_instance());
  about.kind = event_kind::rebalance_recommendation;
  fleet.run(raise, about);
  fleet.world.ec2().terminate(about.instance);
  fleet.time.run_for(10min);
  auto under = fleet.terms();
  under.first_received -= fleet.service.deadline + 1min;
  under.came_before = true;
  fleet.wire.latency = 100ms;

  EXPECT_EQ(fleet.attend({{{raise}}}, about, fleet.services, under).what, verdict::kind::remove);

  EXPECT_TRUE(fleet.logged("not_given_back").empty());
  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, is_never_lowered_below_the_minimum) {
  fleet.world.autoscaling().create_group({.name = "web-min", .min_size = 1, .max_size = 3, .desired = 1});
  fleet.time.run_for(10s);
  auto about = fleet.spot(fleet.world.autoscaling().instances("web-min").front());
  about.group = "web-min";
  fleet.run(raise, about);
  fleet.world.ec2().terminate(about.instance);
  fleet.time.run_for(5min);
  fleet.world.autoscaling().set_desired("web-min", 1);
  fleet.time.run_for(2min);

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);

  EXPECT_EQ(fleet.wire.count("SetDesiredCapacity"), 1U);
  ASSERT_EQ(fleet.logged("capacity_restored").size(), 1U);
  EXPECT_EQ(fleet.logged("capacity_restored").front().at("how").as_string(), "at_min");
}

TEST_F(raise_capacity_test, a_maximum_that_was_lowered_meanwhile_and_a_group_that_has_gone_are_no_failures) {
  const auto answers = [this](std::string message) {
    fleet.wire.instead = [message = std::move(message)](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation != "SetDesiredCapacity") return std::nullopt;
      return aws::http_response{400,
                                {},
                                "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>" +
                                    message + "</Message></Error></ErrorResponse>"};
    };
  };

  answers("New SetDesiredCapacity value 3 is above max value 2 for the AutoScalingGroup.");
  EXPECT_EQ(fleet.run(raise, fleet.spot(fleet.members()[0])).value(), outcome::at_max);
  answers("AutoScalingGroup name not found - AutoScalingGroup 'web-fleet' not found");
  EXPECT_EQ(fleet.run(raise, fleet.spot(fleet.members()[1])).value(), outcome::gone);
}

TEST_F(launchless_group, an_instance_that_is_interrupted_is_ended_whatever_replaces_it) {
  const auto about = fleet.spot(fleet.an_instance());

  EXPECT_TRUE(is_failure(fleet.attend({{{raise}}, {{wait_step(10min)}}}, about).how));

  EXPECT_EQ(asked, std::vector<std::string>{"3"});
  EXPECT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 1U);
}

TEST_F(raise_capacity_test, an_instance_whose_list_failed_is_ended_once_another_serves_in_its_place) {
  auto about = fleet.spot(fleet.an_instance());
  about.kind = event_kind::rebalance_recommendation;

  EXPECT_TRUE(is_failure(fleet.attend({{{raise}}, {{wait_step(10h, 1min)}}}, about).how));

  EXPECT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 1U);
  EXPECT_EQ(fleet.logged("not_replaced").size(), 0U);
  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, what_was_given_back_a_moment_ago_is_not_counted_on_by_the_next_raise) {
  const auto first = fleet.spot(fleet.members()[0]);
  fleet.run(raise, first);
  fleet.time.run_for(20s);
  fleet.give_back(raise, first);
  ASSERT_EQ(desired(), 2);

  fleet.run(raise, fleet.spot(fleet.members()[1]));

  EXPECT_EQ(desired(), 3);
}

TEST_F(lagging_group, is_lowered_from_what_was_set) {
  auto about = fleet.spot(fleet.an_instance());
  about.time = fleet.time.clock.now() - 100s;
  fleet.run(raise, about);
  fleet.world.autoscaling().terminate(about.instance, false);

  EXPECT_EQ(fleet.attend({{{raise}}}, about).what, verdict::kind::remove);

  ASSERT_LT(fleet.time.clock.now(), until);
  EXPECT_EQ(desired_at_last(), 3);
}

TEST_F(raise_capacity_test, an_instance_that_is_leaving_a_group_with_enough_others_raises_nothing) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.world.autoscaling().terminate(about.instance, true);

  EXPECT_EQ(fleet.attend({{{raise}}}, about).how, outcome::skipped);

  EXPECT_EQ(desired(), 1);
  EXPECT_EQ(fleet.wire.count("SetDesiredCapacity"), 0U);
  EXPECT_EQ(fleet.logged("not_raised").size(), 1U);
}

TEST_F(raise_capacity_test, an_instance_that_is_leaving_and_is_to_be_replaced_is_so_sooner) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.world.autoscaling().terminate(about.instance, false);

  EXPECT_EQ(fleet.run(raise, about).value(), outcome::done);

  EXPECT_EQ(desired(), 3);
}

TEST_F(raise_capacity_test, an_instance_that_was_detached_raises_nothing) {
  const auto about = fleet.spot(fleet.an_instance());
  ASSERT_TRUE(fleet.time.wait_for(fleet.autoscaling.usual.detach(about.group, about.instance)));
  fleet.time.run_for(1s);  // its group has not launched another yet

  EXPECT_EQ(fleet.run(raise, about).value(), outcome::skipped);

  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, at_the_minimum_the_instance_is_ended_and_replaced) {
  fleet.world.autoscaling().create_group({.name = "web-min", .min_size = 1, .max_size = 3, .desired = 1});
  fleet.time.run_for(10s);
  auto about = fleet.spot(fleet.world.autoscaling().instances("web-min").front());
  about.group = "web-min";
  about.kind = event_kind::rebalance_recommendation;
  fleet.run(raise, about);
  fleet.change(aws::services::autoscaling, "UpdateAutoScalingGroup",
               {{"AutoScalingGroupName", "web-min"}, {"MinSize", "2"}});

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);

  ASSERT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 1U);
  EXPECT_NE(fleet.wire.of("TerminateInstanceInAutoScalingGroup").front().body.find("DesiredCapacity=false"),
            std::string::npos);
  ASSERT_EQ(fleet.logged("capacity_restored").size(), 1U);
  EXPECT_EQ(fleet.logged("capacity_restored").front().at("how").as_string(), "ended_and_replaced");
  EXPECT_TRUE(fleet.logged("end_refused").empty());
}

TEST_F(raise_capacity_test, what_others_have_taken_back_is_not_taken_again) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.run(raise, about);
  fleet.world.ec2().terminate(about.instance);
  fleet.time.run_for(5min);
  fleet.change(aws::services::autoscaling, "SetDesiredCapacity",
               {{"AutoScalingGroupName", "web-fleet"}, {"DesiredCapacity", "2"}});

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);

  EXPECT_EQ(desired(), 2);
  EXPECT_EQ(fleet.logged("capacity_restored").front().at("how").as_string(), "lowered_by_others");
}

TEST_F(raise_capacity_test, an_instance_is_replaced_where_others_have_taken_back_what_was_raised) {
  auto about = fleet.spot(fleet.an_instance());
  about.kind = event_kind::rebalance_recommendation;
  fleet.run(raise, about);
  fleet.time.run_for(2min);
  fleet.world.autoscaling().set_desired("web-fleet", 2);

  EXPECT_EQ(fleet.give_back(raise, about).value(), outcome::done);

  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, is_given_back_with_decrement_though_the_list_shows_the_minimum_of_before) {
  fleet.world.autoscaling().create_group({.name = "web-min", .min_size = 1, .max_size = 3, .desired = 1});
  fleet.time.run_for(10s);
  auto about = fleet.spot(fleet.world.autoscaling().instances("web-min").front());
  about.group = "web-min";
  about.time = fleet.time.clock.now() - 100s;  // at once
  fleet.time.wait_for(fleet.instances.group("web-min"));
  fleet.wire.instead = [until = fleet.time.clock.now() + 5s, before = fleet.wire.last["DescribeAutoScalingGroups"]](
                           const seen_call& call) -> std::optional<aws::http_response> {
    const bool lags = call.operation == "DescribeAutoScalingGroups" && call.at < until;
    return lags ? std::optional(before) : std::nullopt;
  };
  fleet.run(raise, about);

  EXPECT_EQ(fleet.attend({{{raise}}}, about).what, verdict::kind::remove);

  ASSERT_EQ(fleet.wire.count("TerminateInstanceInAutoScalingGroup"), 1U);
  EXPECT_NE(fleet.wire.of("TerminateInstanceInAutoScalingGroup").front().body.find("DesiredCapacity=true"),
            std::string::npos);
}

TEST_F(raise_capacity_test, a_dry_run_says_that_nothing_would_be_raised_for_one_that_is_leaving) {
  const auto about = fleet.spot(fleet.an_instance());
  fleet.world.autoscaling().terminate(about.instance, true);
  raise.dry_run = true;

  EXPECT_EQ(fleet.run(raise, about).value(), outcome::skipped);

  EXPECT_EQ(fleet.logged("not_raised").size(), 1U);
}

TEST_F(raise_capacity_test, two_that_are_given_back_at_once_are_lowered_by_two_while_the_list_lags) {
  const auto members = fleet.members();
  for (const auto& each : members) fleet.run(raise, fleet.spot(each));
  for (const auto& each : members) fleet.world.ec2().terminate(each);
  fleet.time.run_for(5min);
  ASSERT_EQ(desired(), 4);
  std::optional<time_point> lowered;
  fleet.wire.instead = [&, before = fleet.wire.last["DescribeAutoScalingGroups"]](
                           const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "SetDesiredCapacity" && !lowered) lowered = call.at;
    const bool lags = call.operation == "DescribeAutoScalingGroups" && lowered && call.at < *lowered + 2s;
    return lags ? std::optional(before) : std::nullopt;
  };

  for (const auto& each : members) EXPECT_EQ(fleet.give_back(raise, fleet.spot(each)).value(), outcome::done);

  fleet.time.run_for(5s);
  EXPECT_EQ(desired(), 2);
}

TEST_F(raise_capacity_test, a_timeout_is_for_the_raise_and_not_for_the_wait_for_a_replacement) {
  fleet.world.autoscaling().create_group({.name = "web-slow", .max_size = 3, .desired = 1, .launch_time = 1min});
  fleet.time.run_for(2min);
  auto about = fleet.spot(fleet.world.autoscaling().instances("web-slow").front());
  about.group = "web-slow";
  raise.timeout = 10s;

  EXPECT_EQ(fleet.attend({{{raise}}}, about).how, outcome::done);

  EXPECT_EQ(fleet.outcomes_of("step_ended"), (std::vector<std::string>{"done", "done"}));
}

}  // namespace
}  // namespace lifehook::handlers
