#include "handlers/reception.h"

#include "tests/handlers/reception_stage.h"

namespace lifehook::handlers {
namespace {

TEST_F(reception_test, a_hook_of_a_group_nobody_matches_is_foreign_and_removed) {
  open(answering(event_kind::terminating, {}));
  auto about = fleet.begin_termination();
  about->group = "api-fleet";

  const auto end = receive(about);

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.word, "foreign");
  EXPECT_FALSE(end.why.empty());
  EXPECT_TRUE(counted("terminating", "foreign"));
  EXPECT_FALSE(fleet.action_seen().ended.has_value());
}

// While a deployment adds a group, or a list.
class left_for_others : public reception_test {
 protected:
  left_for_others() {
    desk.emplace(fleet.services, std::vector{answering(event_kind::launching, {})}, fleet.time.tasks, 5min);
    again.came_before = true;
  }
  verdict receive_later(duration later) {
    fleet.time.run_for(later);
    return receive(about, again);
  }

  std::shared_ptr<event> about = fleet.begin_termination();
  tenure::terms again = fleet.terms();
};

TEST_F(left_for_others, is_a_hook_that_no_group_matches_for_its_time) {
  about->group = "api-fleet";

  EXPECT_EQ(receive(about).what, verdict::kind::requeue);
  EXPECT_EQ(receive_later(20s).delay, 10s);
  EXPECT_EQ(receive_later(5min).what, verdict::kind::remove);
  EXPECT_TRUE(counted("terminating", "foreign"));
}

TEST_F(left_for_others, is_a_hook_that_its_group_has_no_list_for) {
  EXPECT_EQ(receive(about).what, verdict::kind::requeue);
  EXPECT_TRUE(fleet.logged("unanswered").empty());
  EXPECT_EQ(receive_later(6min).word, "unanswered");
}

TEST_F(left_for_others, is_an_interruption_though_no_group_lists_any) {
  about->kind = event_kind::spot_interruption;
  about->instance = fleet.an_instance();
  const auto calls = fleet.wire.calls.size();

  EXPECT_EQ(receive(about).what, verdict::kind::requeue);
  EXPECT_EQ(fleet.wire.calls.size(), calls);
}

TEST_F(left_for_others, is_nothing_that_may_not_go_back) {
  EXPECT_EQ(receive(about, near_dead_letters()).what, verdict::kind::remove);
}

TEST_F(reception_test, an_event_nobody_lists_is_foreign_without_a_call) {
  open(answering(event_kind::terminating, {}));
  auto about = std::make_shared<event>();
  about->kind = event_kind::spot_interruption;
  about->instance = fleet.an_instance();
  const auto calls = fleet.wire.calls.size();

  EXPECT_EQ(receive(about).word, "foreign");

  EXPECT_EQ(fleet.wire.calls.size(), calls);
}

TEST_F(reception_test, a_hook_its_group_has_no_list_for_is_left_to_aws_and_warned_of) {
  open(answering(event_kind::launching, {}));

  const auto end = receive(fleet.begin_termination());

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.word, "unanswered");
  EXPECT_EQ(end.group, "web");
  EXPECT_TRUE(counted("terminating", "unanswered"));
  ASSERT_EQ(fleet.logged("unanswered").size(), 1U);
  EXPECT_EQ(fleet.logged("unanswered").front().at("level").as_string(), "warn");
}

TEST_F(reception_test, a_hook_that_is_answered_is_completed_and_counted) {
  open(answering(event_kind::terminating, {}));

  const auto end = receive(fleet.begin_termination());

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.word, "done");
  EXPECT_EQ(fleet.action_seen().result, "CONTINUE");
  EXPECT_TRUE(counted("terminating", "done"));
  EXPECT_EQ(desk->in_hand(), 0U);
}

TEST_F(reception_test, a_second_message_of_one_action_joins_the_work_in_hand) {
  open(answering(event_kind::terminating, {{{wait_step(1min)}}}));
  const auto about = fleet.begin_termination();
  received first(about, fleet.terms()), second(about, fleet.terms());

  begin(first);
  fleet.time.run_for(10s);
  begin(second);
  fleet.time.run_for(10s);
  EXPECT_EQ(desk->in_hand(), 1U);
  EXPECT_FALSE(second.end.has_value());
  ASSERT_TRUE(fleet.time.run_until([&] { return first.end && second.end; }));

  EXPECT_EQ(first.end->word, "done");
  EXPECT_EQ(second.end->what, verdict::kind::remove);
  EXPECT_EQ(second.end->word, "joined");
  EXPECT_EQ(fleet.action_seen().complete_calls, 1U);
  EXPECT_TRUE(counted("terminating", "done"));
  EXPECT_TRUE(counted("terminating", "joined"));
}

TEST_F(reception_test, who_joined_work_that_goes_back_goes_back_with_it) {
  open(answering(event_kind::terminating, {{{wait_step(10min)}}}));
  const auto about = fleet.begin_termination();
  auto briefly = fleet.terms();
  briefly.hold_until = briefly.received + 20s;
  received first(about, briefly), second(about, fleet.terms());

  begin(first);
  begin(second);
  ASSERT_TRUE(fleet.time.run_until([&] { return first.end && second.end; }, 1min));

  EXPECT_EQ(first.end->what, verdict::kind::requeue);
  EXPECT_EQ(second.end->what, verdict::kind::requeue);
  EXPECT_EQ(second.end->word, "joined");
}

TEST_F(reception_test, who_is_near_the_dead_letter_queue_takes_over_what_is_given_back) {
  open(answering(event_kind::terminating, {{{wait_step(2min)}}}));
  const auto about = fleet.begin_termination();
  auto briefly = fleet.terms();
  briefly.hold_until = briefly.received + 20s;
  received first(about, briefly), second(about, near_dead_letters());

  begin(first);
  begin(second);
  ASSERT_TRUE(fleet.time.run_until([&] { return first.end && second.end; }));

  EXPECT_EQ(first.end->what, verdict::kind::requeue);
  EXPECT_EQ(second.end->what, verdict::kind::remove);
  EXPECT_EQ(second.end->word, "done");
  EXPECT_EQ(fleet.action_seen().result, "CONTINUE");
}

TEST_F(reception_test, who_is_told_to_stop_takes_nothing_over) {
  open(answering(event_kind::terminating, {{{wait_step(2min)}}}));
  const auto about = fleet.begin_termination();
  received first(about, fleet.terms()), second(about, near_dead_letters());
  begin(first);
  begin(second);
  fleet.time.run_for(10s);

  first.keeps.end(give_up::stop);
  second.keeps.end(give_up::stop);
  ASSERT_TRUE(fleet.time.run_until([&] { return first.end && second.end; }, 10s));

  EXPECT_EQ(second.end->what, verdict::kind::requeue);
  EXPECT_EQ(second.end->word, "joined");
  EXPECT_EQ(fleet.logged("hook_in_hand").size(), 1U);
  EXPECT_EQ(desk->in_hand(), 0U);
}

TEST_F(reception_test, who_joined_work_that_a_bug_ended_is_left) {
  open(answering(event_kind::terminating, {{{wait_step(20s)}}}));
  const auto about = fleet.begin_termination();
  received first(about, fleet.terms()), second(about, fleet.terms());
  fleet.wire.instead = [](const seen_call& call) -> std::optional<aws::http_response> {
    if (call.operation == "CompleteLifecycleAction") throw std::logic_error("a bug");
    return std::nullopt;
  };
  begin(first);
  begin(second);

  ASSERT_TRUE(fleet.time.run_until([&] { return second.end.has_value(); }, 1min));

  EXPECT_TRUE(first.threw);
  EXPECT_EQ(second.end->what, verdict::kind::leave);
  EXPECT_EQ(desk->in_hand(), 0U);
}

struct end_in_ec2 : reception_test, testing::WithParamInterface<const char*> {};

TEST_P(end_in_ec2, ends_a_drain_though_nobody_lists_it) {
  open(answering(event_kind::terminating, {{{drain_step()}}}));
  received draining(fleet.begin_termination(), fleet.terms());
  fleet.world.ecs().run_task("prod", "report", draining.about->instance);
  begin(draining);
  fleet.time.run_for(30s);
  ASSERT_FALSE(draining.end.has_value());
  auto ends = std::make_shared<event>();
  ends->kind = event_kind::state_change;
  ends->instance = draining.about->instance;
  ends->detail = GetParam();

  EXPECT_EQ(receive(ends).word, "foreign");

  EXPECT_TRUE(fleet.time.run_until([&] { return draining.end.has_value(); }, 3min));
  EXPECT_EQ(fleet.outcomes_of("step_ended"), std::vector<std::string>{"lost"});
  draining.keeps.end(give_up::stop);
  fleet.time.run_until([&] { return draining.end.has_value(); });
}

INSTANTIATE_TEST_SUITE_P(each, end_in_ec2, testing::Values("shutting-down", "terminated"));

TEST_F(reception_test, what_runs_failed_tasks_again_hears_of_running_ones_too) {
  step_plan again;
  again.step = "rerun_task";
  auto of = answering(event_kind::task_stopped, {{{again}}});
  of.match_clusters = {"prod"};
  open(std::move(of));
  auto running = std::make_shared<event>();
  running->kind = event_kind::task_running;
  running->cluster_arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/prod";
  running->task_arn = "arn:aws:ecs:eu-west-1:111122223333:task/prod/0123456789abcdef0123456789abcdef";

  EXPECT_NE(receive(running).word, "foreign");
}

TEST_F(reception_test, an_event_of_another_account_is_warned_of) {
  open(answering(event_kind::terminating, {}));
  fleet.services.account = "111122223333";
  auto about = fleet.begin_termination();
  about->account = "444455556666";

  receive(about);

  ASSERT_EQ(fleet.logged("of_another_account").size(), 1U);
  EXPECT_EQ(fleet.logged("of_another_account").front().at("level").as_string(), "warn");
}

TEST_F(reception_test, an_event_of_another_region_is_warned_of) {
  open(answering(event_kind::terminating, {}));
  for (const auto* region : {"eu-west-1", "us-east-1"}) {
    auto about = fleet.begin_termination();
    about->region = region;
    receive(about);
  }

  ASSERT_EQ(fleet.logged("of_another_region").size(), 1U);
  EXPECT_EQ(fleet.logged("of_another_region").front().at("region").as_string(), "us-east-1");
}

}  // namespace
}  // namespace lifehook::handlers
