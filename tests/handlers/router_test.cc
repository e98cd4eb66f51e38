#include "handlers/router.h"

#include "base/metrics.h"
#include "tests/handlers/reception_stage.h"

#include <gmock/gmock.h>

namespace lifehook::handlers {
namespace {

struct a_message final : message_in_hand {
  bool is_lost() const override { return false; }
  void limit_visibility(duration longest) override { visibility = longest; }

  std::optional<duration> visibility;
};

struct routed_by_tags : reception_test {
  routed_by_tags() {
    auto of = answering(event_kind::terminating, {});
    of.plans[event_kind::spot_interruption] = {};
    of.match.clear();
    of.match_tags = {{"Team", "web"}};
    open(std::move(of));
    fleet.deny("autoscaling", "DescribeAutoScalingGroups", 5min);
    interruption->kind = event_kind::spot_interruption;
    interruption->time = fleet.time.clock.now();
    interruption->instance = fleet.an_instance();
  }
  tenure::terms of_a_message() {
    auto under = fleet.terms();
    under.message = &message;
    return under;
  }
  tenure::terms of_a_message_near_dead_letters() {
    auto under = of_a_message();
    under.may_requeue = false;
    return under;
  }

  a_message message;
  std::shared_ptr<event> interruption = std::make_shared<event>();
};

TEST_F(routed_by_tags, what_has_no_hook_is_tried_again_by_the_queue) {
  const auto end = receive(interruption, of_a_message());

  EXPECT_EQ(end.what, verdict::kind::retry);
  EXPECT_EQ(end.word, "unrouted");
  EXPECT_EQ(fleet.logged("routing_failed").size(), 1U);
  EXPECT_THAT(fleet.counts.exposition(), testing::Not(testing::HasSubstr("unrouted"))) << "it is not over";
}

TEST_F(routed_by_tags, what_has_no_hook_waits_in_hand_near_the_dead_letter_queue) {
  const auto before = fleet.time.clock.now();

  const auto end = receive(interruption, of_a_message_near_dead_letters());

  EXPECT_EQ(end.what, verdict::kind::remove);
  EXPECT_EQ(end.word, "done");
  EXPECT_GE(fleet.time.clock.now() - before, 5min);
  EXPECT_GE(fleet.logged("routing_failed").size(), 2U);
}

TEST_F(routed_by_tags, what_a_stop_ends_goes_back) {
  received one(interruption, of_a_message_near_dead_letters());
  begin(one);
  fleet.time.run_for(1min);
  ASSERT_FALSE(one.end.has_value());

  one.keeps.end(give_up::stop);
  ASSERT_TRUE(fleet.time.run_until([&] { return one.end.has_value(); }, 1s));

  EXPECT_EQ(one.end->what, verdict::kind::requeue);
  EXPECT_EQ(one.end->word, "unrouted");
}

TEST_F(routed_by_tags, a_hook_handled_by_hand_is_not_waited_for) {
  const auto end = receive(fleet.begin_termination());

  EXPECT_EQ(end.what, verdict::kind::retry);
  EXPECT_EQ(fleet.wire.count("RecordLifecycleActionHeartbeat"), 0U);
}

TEST_F(routed_by_tags, a_dry_run_does_not_wait_for_the_look_up_to_be_answered) {
  fleet.services.dry_run = true;
  const auto before = fleet.time.clock.now();

  EXPECT_EQ(receive(fleet.begin_termination(), of_a_message_near_dead_letters()).word, "unrouted");

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

struct kept_open_unrouted : routed_by_tags {
  kept_open_unrouted() {
    fleet.world.autoscaling().put_hook("web-fleet", {.name = "drain", .heartbeat_timeout = 60s});
    fleet.deny("autoscaling", "DescribeAutoScalingGroups", 2h);
  }
  ~kept_open_unrouted() override {
    if (mine) mine->keeps.end(give_up::stop);
    fleet.time.run_for(5s);
  }
  void hold(std::shared_ptr<event> of) {
    auto terms = of_a_message();
    terms.hold_until = terms.received + 24h;
    mine.emplace(std::move(of), terms);
    begin(*mine);
  }
  std::size_t beats() const { return fleet.wire.count("RecordLifecycleActionHeartbeat"); }

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

TEST_F(kept_open_unrouted, until_it_goes_back_for_a_moment_without_another_heartbeat) {
  hold(fleet.begin_termination());
  ASSERT_TRUE(fleet.time.run_until([&] { return beats() == 1; }, 1min));
  fleet.time.run_for(5s);

  mine->keeps.end(give_up::hold);
  ASSERT_TRUE(fleet.time.run_until([&] { return mine->end.has_value(); }, 5s));

  EXPECT_EQ(mine->end->what, verdict::kind::requeue);
  EXPECT_EQ(beats(), 1U);
}

TEST_F(kept_open_unrouted, shows_its_deadline_until_it_is_over) {
  hold(fleet.begin_termination());
  EXPECT_EQ(fleet.deadlines.nearest(), std::nullopt) << "nothing was asked yet";
  fleet.time.run_for(1min);
  EXPECT_EQ(fleet.deadlines.nearest(), mine->keeps.deadline());

  const auto by_another = aws::hook_result::proceed;
  ASSERT_TRUE(fleet.time.wait_for(fleet.autoscaling.usual.complete(action_of(*mine->about), by_another)).has_value());
  fleet.time.run_for(1min);

  EXPECT_EQ(fleet.deadlines.nearest(), std::nullopt);
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
  auto terms = of_a_message();
  terms.first_received = terms.sent = *about->time;
  terms.came_before = true;
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
  ASSERT_TRUE(fleet.time.wait_for(fleet.autoscaling.usual.complete(action_of(*mine->about), by_another)).has_value());
  fleet.time.run_for(1min);

  ASSERT_TRUE(mine->end.has_value());
  EXPECT_EQ(mine->end->what, verdict::kind::remove);
  EXPECT_EQ(mine->end->word, "unrouted");
  EXPECT_EQ(fleet.logged("over_before_routed").size(), 1U);
}

TEST_F(reception_test, an_instance_that_was_detached_is_still_its_groups_when_this_or_another_message_comes) {
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

  received again(about, fleet.terms());
  begin(again);
  fleet.time.run_for(1min);

  EXPECT_FALSE(again.end.has_value()) << "it still drains";
  EXPECT_EQ(desk->in_hand(), 1U);
  again.keeps.end(give_up::stop);
  ASSERT_TRUE(fleet.time.run_until([&] { return again.end.has_value(); }));
}

}  // namespace
}  // namespace lifehook::handlers
