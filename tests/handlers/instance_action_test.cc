#include "handlers/instance_action.h"

#include "base/time_text.h"
#include "state/dynamodb_store.h"
#include "tests/handlers/step_stage.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

struct instance_action_test : testing::Test {
  instance_action_test() {
    fleet.furnish(2);
    fleet.time.run_for(10s);
    change.kind = event_kind::scheduled_change;
    change.time = fleet.time.clock.now();
    change.instance = fleet.an_instance();
    change.group = "web-fleet";
    change.detail = "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED";
    change.change = "arn:aws:health:eu-west-1::event/EC2/x";
    change.starts = fleet.time.clock.now() + 48h;
  }
  step_plan before(duration span) { return plan_of("wait", {{"before", span}}); }

  step_stage fleet;
  event change;
};

TEST_F(instance_action_test, a_scheduled_change_waits_in_the_queue_until_shortly_before_it_starts) {
  const auto early = fleet.attend({{{before(24h)}}, {{drain_step()}}}, change);

  EXPECT_EQ(early.what, verdict::kind::requeue);
  EXPECT_EQ(early.delay, fleet.terms().longest_delay) << "as long as its message may be put off";
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");

  fleet.time.run_for(24h);
  const auto due = fleet.attend({{{before(24h)}}, {{drain_step()}}}, change);

  EXPECT_EQ(due.what, verdict::kind::remove);
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "DRAINING");
}

TEST_F(instance_action_test, the_deadline_of_a_change_counts_from_when_its_work_begins) {
  fleet.service.deadline = 1h;
  fleet.time.run_for(23h + 30min);

  const auto ended = fleet.attend({{{before(24h)}}}, change);

  EXPECT_EQ(ended.what, verdict::kind::requeue) << "an hour from its receipt would have been too early";
}

TEST_F(instance_action_test, what_was_put_off_in_hand_has_all_of_its_deadline_then) {
  fleet.service.deadline = 1h;
  fleet.time.run_for(23h + 30min);
  auto under = fleet.terms();
  under.may_requeue = false;

  const auto ended = fleet.attend({{{before(24h)}}, {{wait_step(45min)}}}, change, fleet.services, under);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(ended.how, outcome::done);
}

TEST_F(instance_action_test, a_copy_of_a_change_that_is_settled_does_nothing) {
  ASSERT_EQ(fleet.attend({{{drain_step()}}}, change).how, outcome::done);
  const auto calls = fleet.wire.calls.size();

  const auto copy = fleet.attend({{{drain_step()}}}, change);

  EXPECT_EQ(copy.what, verdict::kind::remove);
  EXPECT_EQ(copy.how, outcome::skipped);
  EXPECT_EQ(fleet.wire.calls.size(), calls);
}

TEST_F(instance_action_test, an_outage_of_the_state_does_not_use_up_the_receives_that_are_left) {
  aws::dynamodb table(fleet.client, "lifehook");
  const auto shared = state::make_dynamodb_store(fleet.time.clock, table, fleet.random);
  auto with = fleet.replica(*shared);
  fleet.world.dynamodb().create_table("lifehook", "key", "ttl");
  fleet.deny("dynamodb", "GetItem", 40s);
  auto under = fleet.terms();
  under.may_requeue = false;
  const auto before = fleet.time.clock.now();

  const auto ended = fleet.attend({{{drain_step()}}}, change, with, under);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_GE(fleet.time.clock.now() - before, 40s);
  EXPECT_FALSE(fleet.logged("reading_state_failed").empty());
}

TEST_F(instance_action_test, an_instance_drained_for_a_reboot_is_set_active_when_ec2_says_it_is_over) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts = fleet.time.clock.now() + 1h;
  fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);

  const auto drained = fleet.attend({{{drain_step()}}}, change);

  EXPECT_EQ(drained.what, verdict::kind::requeue) << "the queue keeps the message until then";
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "DRAINING");
  fleet.time.run_for(1h + 1min);
  const auto ended = fleet.attend({{{drain_step()}}}, change);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_GE(fleet.time.clock.now(), *change.starts + 3min);
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
}

TEST_F(instance_action_test, an_instance_is_set_active_also_where_another_step_of_the_list_had_nothing_to_do) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts = fleet.time.clock.now() + 1h;
  fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);
  const plan list{{{drain_step()}}, {{plan_of("deregister_targets")}}};

  ASSERT_EQ(fleet.attend(list, change).what, verdict::kind::requeue);
  fleet.time.run_for(1h + 1min);
  const auto ended = fleet.attend(list, change);

  EXPECT_EQ(fleet.outcomes_of("step_ended"), (std::vector<std::string>{"done", "skipped", "done"}));
  EXPECT_EQ(ended.how, outcome::done);
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
}

TEST_F(instance_action_test, an_instance_is_set_active_also_where_another_step_of_the_list_found_what_it_is_for_gone) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts = fleet.time.clock.now() + 1h;
  fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);
  fleet.change(aws::services::autoscaling, "DetachInstances",
               {{"AutoScalingGroupName", "web-fleet"},
                {"InstanceIds.member.1", change.instance},
                {"ShouldDecrementDesiredCapacity", "false"}});
  const plan list{{{plan_of("detach_instance")}}, {{drain_step()}}};

  fleet.attend(list, change);
  fleet.time.run_for(1h + 1min);
  const auto ended = fleet.attend(list, change);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(fleet.outcomes_of("step_ended"), (std::vector<std::string>{"gone", "done", "done"}));
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
}

TEST_F(instance_action_test, a_reboot_long_after_its_instance_was_drained_is_no_failure) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);
  auto under = fleet.terms();
  ASSERT_EQ(fleet.attend({{{drain_step()}}}, change, fleet.services, under).what, verdict::kind::requeue);
  fleet.time.run_for(24h);
  const auto first_received = under.first_received;
  under = fleet.terms();
  under.first_received = first_received;
  under.came_before = true;
  ASSERT_EQ(fleet.attend({{{drain_step()}}}, change, fleet.services, under).what, verdict::kind::requeue);
  fleet.time.run_for(24h + 5min);
  under.received = fleet.time.clock.now();
  under.hold_until = under.received + 1h;
  under.release_by = under.received + 11h;

  const auto ended = fleet.attend({{{drain_step()}}}, change, fleet.services, under);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(ended.how, outcome::done);
  EXPECT_TRUE(fleet.logged("window_ended").empty()) << "its list had ended in time";
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
  EXPECT_EQ(fleet.attend({{{drain_step()}}}, change).how, outcome::skipped) << "a copy";
}

TEST_F(instance_action_test, a_reboot_that_was_told_without_its_start_is_awaited_as_ec2_lists_it) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts.reset();
  const auto starts = fleet.time.clock.now() + 100h;
  fleet.world.ec2().schedule_reboot(change.instance, starts, 3min);
  fleet.attend({{{drain_step()}}}, change);

  fleet.time.run_for(60h);
  EXPECT_EQ(fleet.attend({{{drain_step()}}}, change).what, verdict::kind::requeue);
  fleet.time.run_for(40h + 1min);
  const auto ended = fleet.attend({{{drain_step()}}}, change);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_GE(fleet.time.clock.now(), starts + 3min);
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
}

TEST_F(instance_action_test, a_maintenance_whose_start_nobody_tells_counts_from_when_it_was_told_of) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts.reset();
  fleet.time.run_for(29min);

  const auto ended = fleet.attend({{{drain_step()}}}, change);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
  EXPECT_GE(fleet.time.clock.now(), *change.time + 30min);
  EXPECT_LE(fleet.time.clock.now(), *change.time + 31min);
}

TEST_F(instance_action_test, a_message_long_in_hand_is_put_off_no_longer_than_sqs_keeps_it_hidden) {
  auto under = fleet.terms();
  under.longest_delay = 12h;
  under.release_by = fleet.time.clock.now() + 9h;
  EXPECT_EQ(fleet.attend({{{before(24h)}}}, change, fleet.services, under).delay, 9h);

  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);
  const auto waits = fleet.attend({{{drain_step()}}}, change, fleet.services, under);
  EXPECT_LE(waits.delay, under.release_by - fleet.time.clock.now()) << "while it waits to return";
  EXPECT_GT(waits.delay, 8h);
}

TEST_F(instance_action_test, a_drain_that_had_begun_when_its_change_was_over_is_undone) {
  fleet.world.ecs().run_task("prod", "report", change.instance);
  fleet.time.run_for(30s);
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts = fleet.time.clock.now() + 1h;
  fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);
  auto under = fleet.terms();
  under.hold_until = fleet.time.clock.now();
  ASSERT_EQ(fleet.attend({{{before(24h)}}, {{drain_step()}}}, change, fleet.services, under).what,
            verdict::kind::requeue);
  ASSERT_EQ(fleet.world.ecs().instance_status(change.instance), "DRAINING");
  fleet.time.run_for(2h);

  const auto again = fleet.attend({{{before(24h)}}, {{drain_step()}}}, change);

  EXPECT_EQ(again.what, verdict::kind::remove);
  EXPECT_EQ(again.how, outcome::called_off);
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
}

TEST_F(instance_action_test, an_instance_whose_message_came_before_is_seen_empty_twice_in_hand) {
  const auto found = fleet.time.wait_for(fleet.ecs.usual.find_container_instances("prod", {change.instance})).value();
  fleet.time.wait_for(fleet.ecs.usual.set_state("prod", found, "DRAINING"));
  const auto now = fleet.time.clock.now();
  auto terms = fleet.terms();
  terms.came_before = true;
  terms.hold_until = now;

  const auto ended = fleet.attend({{{drain_step()}}}, change, fleet.services, terms);

  EXPECT_EQ(ended.what, verdict::kind::remove) << "a second is not worth giving it back for";
  EXPECT_EQ(ended.how, outcome::done);
  EXPECT_EQ(fleet.time.clock.now() - now, 1s);
}

TEST_F(instance_action_test, an_instance_that_auto_scaling_ends_meanwhile_is_left_draining) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts = fleet.time.clock.now() + 10min;
  fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);
  fleet.attend({{{drain_step()}}}, change);
  fleet.world.autoscaling().terminate(change.instance, true);
  const auto& hook = fleet.action_seen();
  for (int i = 0; i < 14; ++i) {
    fleet.time.run_for(55s);
    fleet.time.wait_for(fleet.autoscaling.usual.heartbeat({hook.group, hook.hook, hook.instance, hook.token}));
  }
  ASSERT_EQ(fleet.world.autoscaling().lifecycle_state(change.instance), "Terminating:Wait");

  const auto ended = fleet.attend({{{drain_step()}}}, change);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "DRAINING");
  EXPECT_EQ(fleet.logged("left_draining").size(), 1U);
}

TEST_F(instance_action_test, an_instance_that_is_on_standby_or_in_no_group_is_set_active) {
  for (const auto* of : {"i-0000000000000dead", ""}) {
    change.change = change.change.get() + "x";
    change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
    change.starts = fleet.time.clock.now() + 10min;
    fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);
    ASSERT_EQ(fleet.attend({{{drain_step()}}}, change).what, verdict::kind::requeue);
    fleet.time.run_for(14min);
    fleet.wire.instead = [&](const seen_call& call) -> std::optional<aws::http_response> {
      if (call.operation != "DescribeAutoScalingInstances") return std::nullopt;
      return shown_as("Standby", *of != 0 ? of : change.instance);
    };

    EXPECT_EQ(fleet.attend({{{drain_step()}}}, change).what, verdict::kind::remove);

    EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE") << of;
    fleet.wire.instead = nullptr;
  }
}

TEST_F(instance_action_test, an_instance_whose_drain_for_a_reboot_did_not_end_is_set_active_all_the_same) {
  fleet.world.ecs().run_task("prod", "report", change.instance);
  fleet.time.run_for(30s);
  fleet.service.deadline = 1min;
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts = fleet.time.clock.now() + 2min;
  fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);
  auto under = fleet.terms();
  under.may_requeue = false;

  const auto ended = fleet.attend({{{drain_step()}}}, change, fleet.services, under);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_TRUE(is_failure(ended.how));
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
}

TEST_F(instance_action_test, an_instance_that_ecs_refuses_to_set_active_is_left_to_people) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts = fleet.time.clock.now() + 10min;
  fleet.world.ec2().schedule_reboot(change.instance, *change.starts, 3min);
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "UpdateContainerInstancesState" || call.body.find("ACTIVE") == std::string::npos)
      return std::nullopt;
    return refused_by_ecs("ClientException");
  };
  auto under = fleet.terms();
  under.may_requeue = false;

  const auto ended = fleet.attend({{{drain_step()}}}, change, fleet.services, under);

  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "DRAINING");
  EXPECT_THAT(fleet.logged("not_set_active"), SizeIs(1));
}

TEST_F(instance_action_test, a_copy_of_a_change_tries_again_what_ecs_refused_to_undo) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts = fleet.time.clock.now() - 31min;
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation != "UpdateContainerInstancesState" || call.body.find("ACTIVE") == std::string::npos)
      return std::nullopt;
    return refused_by_ecs("ClientException");
  };
  ASSERT_EQ(fleet.attend({{{drain_step()}}}, change).what, verdict::kind::remove);
  ASSERT_THAT(fleet.logged("not_set_active"), SizeIs(1));
  fleet.wire.instead = nullptr;

  EXPECT_EQ(fleet.attend({{{drain_step()}}}, change).what, verdict::kind::remove);

  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
  EXPECT_EQ(fleet.attend({{{drain_step()}}}, change).how, outcome::skipped) << "settled now";
}

TEST_F(instance_action_test, a_call_to_drain_that_was_given_up_does_not_arrive_after_the_instance_has_returned) {
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.starts = fleet.time.clock.now() - 31min;
  fleet.service.deadline = 1min;
  fleet.wire.slow = [](const seen_call& call) -> duration {
    return call.operation == "UpdateContainerInstancesState" && call.body.find("DRAINING") != std::string::npos ? 70s
                                                                                                                : 0s;
  };

  ASSERT_EQ(fleet.attend({{{drain_step()}}}, change).what, verdict::kind::remove);

  fleet.time.run_for(2min);
  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "ACTIVE");
}

TEST_F(instance_action_test, a_maintenance_of_before_does_not_end_one_that_ec2_does_not_list_yet) {
  fleet.world.ec2().schedule_reboot(change.instance, fleet.time.clock.now() + 1min, 1min);
  fleet.time.run_for(5h);
  change.detail = "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED";
  change.time = fleet.time.clock.now();
  change.starts = fleet.time.clock.now() + 48h;

  EXPECT_EQ(fleet.attend({{{drain_step()}}}, change).what, verdict::kind::requeue);

  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "DRAINING");
}

TEST_F(instance_action_test, an_instance_drained_for_its_retirement_stays_draining) {
  ASSERT_EQ(fleet.attend({{{drain_step()}}}, change).what, verdict::kind::remove);

  EXPECT_EQ(fleet.world.ecs().instance_status(change.instance), "DRAINING");
}

TEST_F(instance_action_test, a_change_put_to_another_time_is_another_change) {
  fleet.attend({{{drain_step()}}}, change);
  change.starts = *change.starts + 24h;

  EXPECT_EQ(fleet.attend({{{drain_step()}}}, change).how, outcome::done);
}

TEST_F(instance_action_test, a_warning_that_comes_again_after_its_window_was_worked_on_already) {
  const auto warned = fleet.spot(change.instance);
  const plan list{{{wait_step(1s)}}, {{wait_step(2s)}}};
  ASSERT_EQ(fleet.attend(list, warned).how, outcome::done);
  fleet.time.run_for(3min);

  const auto again = fleet.attend({{{wait_step(1h)}}}, warned);

  EXPECT_EQ(again.what, verdict::kind::remove);
  EXPECT_EQ(again.how, outcome::skipped);
}

TEST_F(instance_action_test, a_warning_that_is_received_after_its_window_had_no_time) {
  const auto warned = fleet.spot(change.instance);
  fleet.time.run_for(3min);

  EXPECT_EQ(fleet.attend({{{wait_step(1h)}}}, warned).how, outcome::timeout);
}

TEST_F(instance_action_test, work_that_its_window_did_not_suffice_for_has_failed) {
  const auto warned = fleet.spot(change.instance);

  EXPECT_EQ(fleet.attend({{{wait_step(1h)}}}, warned).how, outcome::failed);
  fleet.time.run_for(3min);

  EXPECT_EQ(fleet.attend({{{wait_step(1h)}}}, warned).how, outcome::timeout) << "nobody has done it";
}

TEST_F(instance_action_test, the_warning_of_another_time_is_another_event) {
  ASSERT_EQ(fleet.attend({{{wait_step(1s)}}}, fleet.spot(change.instance)).how, outcome::done);
  fleet.time.run_for(1min);
  const auto later = fleet.spot(change.instance);
  fleet.time.run_for(3min);

  EXPECT_EQ(fleet.attend({{{wait_step(1h)}}}, later).how, outcome::timeout);
}

TEST_F(instance_action_test, news_of_the_end_ends_a_drain_at_once) {
  fleet.world.ecs().run_task("prod", "report", change.instance);
  fleet.time.run_for(30s);
  const auto began = fleet.time.clock.now();
  alarm soon(fleet.time.clock);
  soon.set(10s + 300ms, [&] { fleet.news.tell_end(change.instance); });

  const auto ended = fleet.attend({{{drain_step()}}}, change);

  EXPECT_EQ(ended.how, outcome::lost);
  EXPECT_LE(fleet.time.clock.now() - began, 11s);
}

TEST_F(instance_action_test, news_of_another_instance_ends_nothing) {
  const auto task = fleet.world.ecs().run_task("prod", "report", change.instance);
  fleet.time.run_for(30s);
  alarm soon(fleet.time.clock), later(fleet.time.clock);
  soon.set(10s, [&] { fleet.news.tell_end("i-0000000000000dead"); });
  later.set(30s, [&] { fleet.world.ecs().stop_task(task); });
  const auto began = fleet.time.clock.now();

  EXPECT_EQ(fleet.attend({{{drain_step()}}}, change).how, outcome::done);
  EXPECT_GE(fleet.time.clock.now() - began, 30s);
}

TEST_F(instance_action_test, standalone_tasks_have_their_time_from_when_the_list_was_put_off_until) {
  fleet.world.ecs().run_task("prod", "report", change.instance);
  fleet.time.run_for(47h);
  const auto stopping =
      plan_of("drain_ecs", {{"cluster", "prod"}, {"standalone_tasks", "stop"}, {"stop_after", duration(30min)}});

  ASSERT_EQ(fleet.attend({{{before(1h)}}, {{stopping}}}, change).how, outcome::done);

  ASSERT_EQ(fleet.wire.count("StopTask"), 1U);
  EXPECT_GE(fleet.wire.of("StopTask").front().at, *change.starts - 30min);
  const auto stuck = fleet.logged("drain_without_progress");
  ASSERT_FALSE(stuck.empty());
  EXPECT_THAT(std::string(stuck.front().at("why").as_string()),
              testing::HasSubstr("stopped at " + to_rfc3339(*change.starts - 30min)));
}

}  // namespace
}  // namespace lifehook::handlers
