#include "handlers/reception.h"

#include "tests/handlers/fleet_stage.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

group answering(event_kind kind, plan list) {
  group made;
  made.name = "web";
  made.match = {"web-*"};
  made.hooks = {"drain"};
  made.plans[kind] = std::move(list);
  return made;
}

// A message in hand, alongside others.
struct received {
  received(std::shared_ptr<const event> of, tenure::terms under) : about(std::move(of)), keeps(under) {}

  std::shared_ptr<const event> about;
  tenure keeps;
  std::optional<verdict> end;
  bool threw = false;
};

struct reception_test : testing::Test {
  reception_test() { fleet.furnish(2, 900s); }

  void open(group of) { desk.emplace(fleet.services, std::vector{std::move(of)}, fleet.time.tasks); }
  void begin(received& one) { fleet.time.tasks.spawn(attend(*desk, one, fleet.log)); }
  verdict receive(const std::shared_ptr<const event>& about) { return receive(about, fleet.terms()); }
  verdict receive(const std::shared_ptr<const event>& about, tenure::terms under) {
    received one(about, under);
    begin(one);
    if (!fleet.time.run_until([&one] { return one.end.has_value(); })) throw std::runtime_error("it hangs");
    return *one.end;
  }
  tenure::terms near_dead_letters() const {
    auto under = fleet.terms();
    under.may_requeue = false;
    return under;
  }
  bool counted(const std::string& event, const std::string& outcome) {
    const auto line = fmt::format(R"(lifehook_events_total{{event="{}",group="{}",outcome="{}"}} 1)", event,
                                  outcome == "foreign" ? "" : "web", outcome);
    return fleet.counts.exposition().find(line) != std::string::npos;
  }

  fleet_stage fleet;
  std::optional<reception> desk;

 private:
  static task<> attend(reception& at, received& one, logger log) {
    try {
      one.end = co_await at.receive(one.about, one.keeps, log);
    } catch (const std::logic_error&) {
      one.threw = true;
    }
  }
};

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

struct routed_by_tags : reception_test {
  routed_by_tags() {
    auto of = answering(event_kind::terminating, {});
    of.match.clear();
    of.match_tags = {{"Team", "web"}};
    open(std::move(of));
    fleet.deny("autoscaling", "DescribeAutoScalingGroups", 5min);
  }
};

TEST_F(routed_by_tags, a_message_whose_look_up_is_not_answered_is_tried_again_by_the_queue) {
  const auto end = receive(fleet.begin_termination());

  EXPECT_EQ(end.what, verdict::kind::retry);
  EXPECT_EQ(end.word, "unrouted");
  EXPECT_EQ(fleet.logged("routing_failed").size(), 1U);
  EXPECT_THAT(fleet.counts.exposition(), testing::Not(testing::HasSubstr("unrouted"))) << "it is not over";
}

TEST_F(routed_by_tags, a_message_whose_look_up_a_stop_ends_goes_back) {
  received one(fleet.begin_termination(), near_dead_letters());
  begin(one);
  fleet.time.run_for(1min);
  ASSERT_FALSE(one.end.has_value());

  one.keeps.end(give_up::stop);
  ASSERT_TRUE(fleet.time.run_until([&] { return one.end.has_value(); }, 1s));

  EXPECT_EQ(one.end->what, verdict::kind::requeue);
  EXPECT_EQ(one.end->word, "unrouted");
}

TEST_F(routed_by_tags, a_dry_run_does_not_wait_for_the_look_up_to_be_answered) {
  fleet.services.dry_run = true;
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(receive(fleet.begin_termination(), near_dead_letters()).word, "unrouted");

  EXPECT_LE(fleet.time.clock.now() - before, 20s);
}

struct of_unknown_tags : reception_test {
  of_unknown_tags() {
    auto of = answering(event_kind::terminating, {});
    of.plans[event_kind::spot_interruption] = {};
    of.match.clear();
    of.match_tags = {{"Team", "batch"}};
    open(std::move(of));
    about = fleet.begin_termination();
    about->instance = "i-0000000000000dead";  // which EC2 does not know
  }

  std::shared_ptr<event> about;
};

TEST_F(of_unknown_tags, a_young_hook_is_tried_again_and_an_old_one_is_foreign) {
  EXPECT_EQ(receive(about).what, verdict::kind::retry);

  about->time = fleet.time.clock.now() - 61s;
  auto old = fleet.terms();
  old.sent = *about->time;
  EXPECT_EQ(receive(about, old).word, "foreign");
}

TEST_F(of_unknown_tags, what_has_no_hook_is_foreign_at_once) {
  about->kind = event_kind::spot_interruption;

  EXPECT_EQ(receive(about).word, "foreign");
}

TEST_F(routed_by_tags, a_message_near_the_dead_letter_queue_waits_in_hand_until_it_is_answered) {
  const auto before = fleet.time.clock.now();

  const auto end = receive(fleet.begin_termination(), near_dead_letters());

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.word, "done");
  EXPECT_GE(fleet.time.clock.now() - before, 5min);
  EXPECT_GE(fleet.logged("routing_failed").size(), 2U);
}

struct kept_open_unrouted : routed_by_tags {
  struct any_message final : message_in_hand {
    bool is_lost() const override { return false; }
    void limit_visibility(duration longest) override { visibility = longest; }
    std::optional<duration> visibility;
  };
  kept_open_unrouted() {
    fleet.world.autoscaling().put_hook("web-fleet", {.name = "drain", .heartbeat_timeout = 60s});
    fleet.deny("autoscaling", "DescribeAutoScalingGroups", 2h);
  }
  ~kept_open_unrouted() override {
    if (mine) mine->keeps.end(give_up::stop);
    fleet.time.run_for(5s);
  }
  void hold(std::shared_ptr<event> of) {
    auto terms = fleet.terms();
    terms.hold_until = terms.received + 24h;
    terms.message = &message;
    mine.emplace(std::move(of), terms);
    begin(*mine);
  }
  std::size_t beats() const { return fleet.wire.count("RecordLifecycleActionHeartbeat"); }

  any_message message;
  std::optional<received> mine;
};

TEST_F(kept_open_unrouted, is_a_hook_that_may_be_ours_until_its_tags_are_known) {
  hold(fleet.begin_termination());
  fleet.time.run_for(50min);

  EXPECT_FALSE(mine->end.has_value());
  EXPECT_FALSE(fleet.action_seen().ended.has_value());
  EXPECT_GT(beats(), 90U);
  EXPECT_EQ(message.visibility, 15s);
}

TEST_F(kept_open_unrouted, is_no_hook_that_no_group_answers) {
  auto about = fleet.begin_termination();
  about->hook = "warm-up";
  hold(about);
  fleet.time.run_for(1min);

  ASSERT_TRUE(mine->end.has_value());
  EXPECT_EQ(beats(), 0U);
}

TEST_F(kept_open_unrouted, until_a_stop_gives_it_back_with_a_heartbeat) {
  hold(fleet.begin_termination());
  fleet.time.run_for(10s);
  const auto before = beats();

  mine->keeps.end(give_up::stop);
  fleet.time.run_for(3s);

  ASSERT_TRUE(mine->end.has_value());
  EXPECT_EQ(mine->end->what, verdict::kind::requeue);
  EXPECT_EQ(beats(), before + 1);
}

TEST_F(kept_open_unrouted, from_a_look_up_that_takes_long) {
  fleet.world.autoscaling().put_hook("web-fleet", {.name = "drain", .heartbeat_timeout = 30s});
  const auto now = fleet.time.clock.now();
  fleet.world.faults().clear();
  fleet.world.faults().add(
      {simulator::fault_kind::delay, "autoscaling", "DescribeAutoScalingGroups", 1.0, now, now + 2h, 5min});

  hold(fleet.begin_termination());
  fleet.time.run_for(2min);

  EXPECT_FALSE(mine->end.has_value());
  EXPECT_FALSE(fleet.action_seen().ended.has_value());
}

TEST_F(kept_open_unrouted, until_the_longest_deadline_it_may_have_and_never_after) {
  auto brief = answering(event_kind::terminating, {});
  brief.match.clear();
  brief.match_tags = {{"Team", "batch"}};
  brief.deadline = 5min;
  auto longer = brief;
  longer.match_tags = {{"Team", "web"}};
  longer.deadline = 1h;
  desk.emplace(fleet.services, std::vector{brief, longer}, fleet.time.tasks);

  hold(fleet.begin_termination());
  fleet.time.run_for(58min);
  EXPECT_FALSE(fleet.action_seen().ended.has_value());
  fleet.time.run_for(2min);

  const auto last = beats();
  fleet.time.run_for(10min);
  EXPECT_FALSE(mine->end.has_value()) << "it is held, and asked for";
  EXPECT_EQ(beats(), last);
}

TEST_F(kept_open_unrouted, past_its_deadline_it_waits_in_hand_near_the_dead_letter_queue_only) {
  const auto about = fleet.begin_termination();
  fleet.time.run_for(1h + 1min);
  auto terms = fleet.terms();
  terms.first_received = terms.sent = *about->time;
  terms.came_before = true;
  terms.message = &message;
  EXPECT_EQ(receive(about, terms).what, verdict::kind::retry);

  terms.may_requeue = false;
  mine.emplace(about, terms);
  begin(*mine);
  fleet.time.run_for(10min);

  EXPECT_FALSE(mine->end.has_value());
  EXPECT_EQ(beats(), 0U);
}

TEST_F(kept_open_unrouted, until_it_is_over) {
  hold(fleet.begin_termination());
  fleet.time.run_for(10min);
  ASSERT_FALSE(mine->end.has_value());

  const auto by_another = aws::hook_result::proceed;
  ASSERT_TRUE(fleet.time.wait_for(fleet.autoscaling.complete(action_of(*mine->about), by_another)).has_value());
  fleet.time.run_for(1min);

  ASSERT_TRUE(mine->end.has_value());
  EXPECT_EQ(mine->end->what, verdict::kind::remove);
  EXPECT_EQ(mine->end->word, "unrouted");
  EXPECT_EQ(fleet.logged("over_before_routed").size(), 1U);
}

TEST_F(reception_test, an_instance_that_was_detached_for_an_event_is_still_its_groups_when_the_message_comes_again) {
  step_plan detach;
  detach.step = "detach_instance";
  open(answering(event_kind::rebalance_recommendation, {{{detach}}, {{drain_step()}}}));
  fleet.time.run_for(30s);
  auto about = std::make_shared<event>();
  about->kind = event_kind::rebalance_recommendation;
  about->time = fleet.time.clock.now();
  about->instance = fleet.an_instance();
  fleet.world.ecs().run_task("prod", "report", about->instance);
  received first(about, fleet.terms());
  begin(first);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.world.ecs().instance_status(about->instance) == "DRAINING"; }));
  first.keeps.end(give_up::stop);
  ASSERT_TRUE(fleet.time.run_until([&] { return first.end.has_value(); }));
  ASSERT_EQ(first.end->what, verdict::kind::requeue);
  fleet.time.run_for(2min);

  auto under = fleet.terms();
  under.came_before = true;
  received again(about, under);
  begin(again);
  fleet.time.run_for(1min);

  EXPECT_FALSE(again.end.has_value()) << "it still drains";
  EXPECT_EQ(desk->in_hand(), 1U);
  again.keeps.end(give_up::stop);
  ASSERT_TRUE(fleet.time.run_until([&] { return again.end.has_value(); }));
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
