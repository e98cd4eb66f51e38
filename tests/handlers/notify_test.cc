#include "handlers/notify.h"

#include "handlers/lifecycle_action.h"
#include "tests/handlers/step_stage.h"
#include "tests/handlers/watched_store.h"

#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

struct notify_test : testing::Test {
  notify_test() {
    fleet.furnish(2);
    about.kind = event_kind::terminating;
    about.time = fleet.time.clock.now();
    about.instance = fleet.an_instance();
    about.group = "web-fleet";
    about.hook = "drain";
    about.token = "7a5c0e1d-0000-4000-8000-000000000001";
    about.account = "111122223333";
  }
  const std::vector<simulator::published_message>& published() { return fleet.world.sns().published(); }
  std::size_t asked() const { return fleet.wire.count("Publish"); }
  boost::json::object told() { return boost::json::parse(published().back().body).as_object(); }
  duration elapsed() const { return fleet.time.clock.now() - *about.time; }

  static task<> run_into(plan_runner& by, std::shared_ptr<event> of, tenure& keeps, logger log,
                         std::optional<result<outcome>>& into) {
    into = co_await by.run(std::move(of), keeps, std::move(log));
  }
  result<outcome> run_list(const plan& list, step_services& as) {
    plan_runner runner(fleet.service, list, as);
    tenure keeps(fleet.terms());
    return fleet.time.wait_for(keeps.work().guard(runner.run(std::make_shared<event>(about), keeps, fleet.log)));
  }
  result<outcome> run_list(const plan& list) { return run_list(list, fleet.services); }

  step_stage fleet;
  event about;
  std::string topic = fleet.world.sns().create_topic("fleet");
  step_plan notify = plan_of("notify", {{"topic", topic}});
};

TEST_F(notify_test, publishes_one_message_that_subscriptions_can_filter) {
  notify.with.set("subject", std::string("An instance ends"));

  EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);

  ASSERT_THAT(published(), SizeIs(1));
  const auto& message = published().front();
  EXPECT_EQ(message.topic, topic);
  EXPECT_EQ(message.subject, "An instance ends");
  EXPECT_THAT(message.attributes, ElementsAre(Pair("event", "terminating"), Pair("group", "web")));
  EXPECT_EQ(told().at("instance").as_string(), about.instance);
  EXPECT_EQ(told().at("region").as_string(), "eu-west-1");
  EXPECT_THAT(fleet.logged("notified"), SizeIs(1));
}

TEST_F(notify_test, for_chat_publishes_what_chat_shows) {
  notify.with.set("subject", std::string("An instance ends"));
  notify.with.set("format", std::string("chat"));

  EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);

  ASSERT_THAT(published(), SizeIs(1));
  EXPECT_EQ(told().at("source").as_string(), "custom");
  EXPECT_EQ(told().at("content").at("title").as_string(), "web: An instance ends: " + about.instance);
  EXPECT_EQ(published().front().subject, "An instance ends");
}

TEST_F(notify_test, tells_one_topic_both_in_json_and_for_chat) {
  auto chat = notify;
  chat.with.set("format", std::string("chat"));

  run_list(plan{{{notify}}, {{chat}}});

  EXPECT_THAT(published(), SizeIs(2));
}

TEST_F(notify_test, no_fifo_topic_is_for_chat) {
  const auto contradiction = find_step("notify")->contradiction;
  const std::string fifo = "arn:aws:sns:eu-west-1:111122223333:a.fifo";

  EXPECT_THAT(contradiction(plan_of("notify", {{"topic", fifo}, {"format", std::string("chat")}}).with),
              HasSubstr("a FIFO topic reaches no chat"));
  EXPECT_EQ(contradiction(plan_of("notify", {{"topic", fifo}, {"format", std::string("json")}}).with), "");
  EXPECT_EQ(contradiction(plan_of("notify", {{"topic", topic}, {"format", std::string("chat")}}).with), "");
}

TEST_F(notify_test, tells_of_the_hook_until_when_its_list_has_time) {
  const auto due = fleet.begin_termination();
  plan_runner steps(fleet.service, {{{notify}}}, fleet.services);
  tenure keeps(fleet.terms());
  lifecycle_action action(fleet.services, fleet.service, steps, nullptr, due, keeps, fleet.log);

  fleet.time.wait_for(action.attend());

  EXPECT_EQ(told().at("hook").as_string(), "drain");
  EXPECT_TRUE(told().contains("deadline"));
  EXPECT_THAT(published().back().body, Not(HasSubstr(due->token)));
}

TEST_F(notify_test, tells_the_groups_own_deadline_where_the_hooks_is_not_known) {
  fleet.deny("autoscaling", "DescribeLifecycleHooks", 1h);
  const auto due = fleet.begin_termination();
  plan_runner steps(fleet.service, {{{notify}}}, fleet.services);
  tenure keeps(fleet.terms());
  lifecycle_action action(fleet.services, fleet.service, steps, nullptr, due, keeps, fleet.log);

  fleet.time.wait_for(action.attend());

  ASSERT_THAT(published(), SizeIs(1));
  EXPECT_TRUE(told().contains("deadline"));
}

TEST_F(notify_test, is_for_every_event_there_is) {
  const auto& kinds = find_step("notify")->events;

  EXPECT_THAT(kinds, testing::ElementsAreArray(all_event_kinds));
}

TEST_F(notify_test, tells_once_however_often_it_runs_and_on_whichever_machine) {
  auto other = fleet.replica();
  fleet.run(notify, about);

  EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);
  EXPECT_EQ(fleet.run(notify, about, other).value(), outcome::done);

  EXPECT_EQ(asked(), 1U);
  EXPECT_THAT(fleet.logged("notified_before"), SizeIs(2));
}

TEST_F(notify_test, tells_of_an_end_once_though_a_worker_made_a_copy_without_a_token) {
  fleet.run(notify, about);
  about.token.clear();
  about.time = about.time.value_or(fleet.time.clock.now()) + 90s;

  EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);
  EXPECT_EQ(asked(), 1U);
}

TEST_F(notify_test, tells_of_a_launch_once_though_its_message_names_no_origin_and_the_copy_of_a_worker_does) {
  about.kind = event_kind::launching;
  about.origin = place::unstated;
  fleet.run(notify, about);
  about.token.clear();
  about.time = about.time.value_or(fleet.time.clock.now()) + 90s;
  about.origin = place::ec2;

  EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);
  EXPECT_EQ(asked(), 1U);
}

TEST_F(notify_test, two_workers_at_once_tell_once) {
  watched_store slow(fleet.time.clock, fleet.services.state, 20ms);
  auto here = fleet.services_of("here", slow), there = fleet.services_of("there", slow);
  plan_runner mine(fleet.service, {{{notify}}}, here), theirs(fleet.service, {{{notify}}}, there);
  tenure my_own(fleet.terms()), their_own(fleet.terms());
  const auto copy = std::make_shared<event>(about);
  std::optional<result<outcome>> second;

  fleet.time.tasks.spawn(run_into(theirs, copy, their_own, fleet.log, second));
  const auto first = fleet.time.wait_for(my_own.work().guard(mine.run(copy, my_own, fleet.log)));
  fleet.time.run_until([&second] { return second.has_value(); });

  EXPECT_EQ(first.value(), outcome::done);
  EXPECT_EQ(second.value().value(), outcome::done);
  EXPECT_EQ(asked(), 1U);
}

TEST_F(notify_test, a_worker_that_died_while_it_told_leaves_it_to_the_next) {
  watched_store watched(fleet.time.clock, fleet.services.state, 1ms);
  auto dying = fleet.services_of("one that dies", watched);
  fleet.wire.slow = [](const seen_call& call) { return call.operation == "Publish" ? 1h : 0h; };
  plan_runner runner(fleet.service, {{{notify}}}, dying);
  tenure keeps(fleet.terms());
  alarm death(fleet.time.clock);
  death.set(1s, [&keeps] { keeps.end(give_up::stop); });
  fleet.time.wait_for(keeps.work().guard(runner.run(std::make_shared<event>(about), keeps, fleet.log)));
  fleet.wire.slow = nullptr;
  const auto died = fleet.time.clock.now();

  EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);

  EXPECT_LE(fleet.time.clock.now() - died, 5s);
  EXPECT_THAT(published(), SizeIs(1)) << "though the dead one's lock lasts longer than the step may take";
}

TEST_F(notify_test, an_outage_longer_than_its_lock_lets_no_second_worker_tell_too) {
  auto there = fleet.replica();
  notify.timeout = 5min;
  fleet.deny("sns", "Publish", 100s);
  plan_runner mine(fleet.service, {{{notify}}}, fleet.services);
  tenure my_own(fleet.terms());
  std::optional<result<outcome>> first;
  fleet.time.tasks.spawn(run_into(mine, std::make_shared<event>(about), my_own, fleet.log, first));
  fleet.time.run_for(45s);

  EXPECT_EQ(fleet.run(notify, about, there).value(), outcome::done);
  fleet.time.run_until([&first] { return first.has_value(); });

  EXPECT_EQ(first.value().value(), outcome::done);
  EXPECT_THAT(published(), SizeIs(1));
  EXPECT_THAT(fleet.logged("notified_before"), SizeIs(1));
}

TEST_F(notify_test, a_lock_that_was_left_behind_does_not_hide_that_it_was_told) {
  fleet.run(notify, about);
  watched_store locked(fleet.time.clock, fleet.services.state, 1ms);
  locked.is_locked = true;
  auto other = fleet.services_of("another", locked);

  EXPECT_EQ(fleet.run(notify, about, other).value(), outcome::done);

  EXPECT_EQ(asked(), 1U);
}

TEST_F(notify_test, copies_of_one_change_are_one_and_two_changes_are_two) {
  about.kind = event_kind::scheduled_change;
  about.token.clear();
  about.change = "arn:aws:health:eu-west-1::event/EC2/x";
  about.starts = fleet.time.clock.now() + 48h;
  fleet.run(notify, about);
  *about.time += 3s;
  fleet.run(notify, about);
  EXPECT_THAT(published(), SizeIs(1));

  about.change = "arn:aws:health:eu-west-1::event/EC2/y";
  fleet.run(notify, about);
  EXPECT_THAT(published(), SizeIs(2));
}

TEST_F(notify_test, two_of_one_topic_in_a_list_tell_each_its_own_once) {
  const plan both{{{notify}}, {{notify}}};

  run_list(both);
  run_list(both);

  EXPECT_THAT(published(), SizeIs(2));
}

TEST_F(notify_test, placed_last_it_tells_which_step_failed) {
  auto late = wait_step(1h, 10s);
  late.failure = on_error::next;

  EXPECT_EQ(run_list({{{late}}, {{notify}}}).value(), outcome::timeout);

  EXPECT_EQ(told().at("failed"), (boost::json::value{{"step", "wait"}, {"outcome", "timeout"}}));
}

TEST_F(notify_test, another_try_that_ends_better_is_news) {
  fleet.world.ssm().fail_with(3);
  auto save = plan_of("run_command", {{"document", std::string("AWS-RunShellScript")}});
  save.failure = on_error::next;
  fleet.time.run_for(1min);
  run_list({{{save}}, {{notify}}});
  run_list({{{save}}, {{notify}}});
  EXPECT_THAT(published(), SizeIs(1));
  EXPECT_TRUE(told().contains("failed"));

  run_list({{{wait_step(1s)}}, {{notify}}});

  EXPECT_THAT(published(), SizeIs(2));
  EXPECT_FALSE(told().contains("failed"));
}

TEST_F(notify_test, a_fifo_topic_gets_the_instances_messages_in_order_and_each_once) {
  notify.with.set("topic", fleet.world.sns().create_topic("fleet.fifo"));
  const auto forgetful = state::make_memory_store(fleet.time.clock);
  auto alone = fleet.services_of("one of other state", *forgetful);

  fleet.run(notify, about);
  fleet.run(notify, about, alone);

  EXPECT_EQ(asked(), 2U);
  ASSERT_THAT(published(), SizeIs(1)) << "SNS drops the second by its id";
  EXPECT_EQ(published().front().group, about.instance);
}

TEST_F(notify_test, a_short_outage_is_waited_out) {
  fleet.deny("sns", "Publish", 3s);

  EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);

  EXPECT_THAT(published(), SizeIs(1));
}

TEST_F(notify_test, its_last_try_is_at_the_end_of_its_time) {
  about.destination = place::warm_pool;
  for (int i = 0; i < 5; ++i) {
    about.token = std::to_string(i) + "-token";
    fleet.deny("sns", "Publish", 9s);
    EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);
  }

  EXPECT_THAT(published(), SizeIs(5));
}

TEST_F(notify_test, an_outage_is_tried_for_ten_seconds_and_no_longer) {
  fleet.deny("sns", "Publish", 1h);

  EXPECT_EQ(run_list({{{notify}}, {{wait_step(1s)}}}).value(), outcome::done) << "nor is it the list's outcome";

  EXPECT_GT(asked(), 1U);
  EXPECT_LE(elapsed(), 12s);
  EXPECT_THAT(fleet.outcomes_of("step_ended"), ElementsAre("failed", "done"));
  const auto said = fleet.logged("not_notified");
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_EQ(said.front().at("level").as_string(), "error");
  EXPECT_THAT(std::string(said.front().at("advice").as_string()), HasSubstr("sns:Publish"));
}

TEST_F(notify_test, an_answer_that_does_not_come_is_waited_for_no_longer) {
  fleet.wire.slow = [](const seen_call& call) { return call.operation == "Publish" ? 1h : 0h; };

  EXPECT_EQ(run_list({{{notify}}}).value(), outcome::done);

  EXPECT_LE(elapsed(), 12s);
  EXPECT_THAT(fleet.outcomes_of("step_ended"), ElementsAre("failed"));
}

TEST_F(notify_test, a_longer_timeout_tries_for_longer) {
  notify.timeout = 5min;
  fleet.deny("sns", "Publish", 2min);

  EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);

  EXPECT_THAT(published(), SizeIs(1));
}

TEST_F(notify_test, what_sns_refuses_for_good_is_not_tried_again) {
  fleet.wire.instead = [](const seen_call& call) {
    return call.operation == "Publish" ? std::optional(rejected_call()) : std::nullopt;
  };

  EXPECT_EQ(run_list({{{notify}}}).value(), outcome::done);

  EXPECT_EQ(asked(), 1U);
  EXPECT_THAT(fleet.outcomes_of("step_ended"), ElementsAre("failed"));
}

TEST_F(notify_test, a_topic_that_is_not_there_is_said_and_leaves_the_list_alone) {
  notify.with.set("topic", std::string("arn:aws:sns:eu-west-1:111122223333:nothing"));

  EXPECT_EQ(run_list({{{notify}}, {{wait_step(1min)}}}).value(), outcome::done);

  EXPECT_THAT(fleet.logged("not_notified"), SizeIs(1));
  EXPECT_THAT(published(), IsEmpty());
}

TEST_F(notify_test, ends_before_the_events_deadline) {
  fleet.deny("sns", "Publish", 1h);
  auto warned = fleet.spot(about.instance);
  notify.timeout = 1h;

  const auto ended = fleet.attend({{{notify}}}, warned);

  EXPECT_EQ(ended.how, outcome::done);
  EXPECT_EQ(ended.what, verdict::kind::remove);
  EXPECT_LE(elapsed(), 2min);
  EXPECT_THAT(fleet.outcomes_of("step_ended"), ElementsAre("failed"));
}

TEST_F(notify_test, its_failure_does_not_have_an_events_list_run_again) {
  fleet.deny("sns", "Publish", 1h);
  auto warned = fleet.spot(about.instance);

  EXPECT_EQ(fleet.attend({{{notify}}, {{wait_step(1s)}}}, warned).how, outcome::done);

  EXPECT_THAT(fleet.outcomes_of("step_ended"), ElementsAre("failed", "done"));
}

TEST_F(notify_test, state_that_does_not_answer_does_not_keep_it_from_telling) {
  watched_store stuck(fleet.time.clock, fleet.services.state, 1h);
  auto with = fleet.services_of("a worker", stuck);

  EXPECT_EQ(fleet.run(notify, about, with).value(), outcome::done);

  EXPECT_THAT(published(), SizeIs(1));
  EXPECT_THAT(fleet.logged("notice_not_noted"), SizeIs(1));
  EXPECT_LE(elapsed(), 4s);
}

TEST_F(notify_test, a_dry_run_tells_nobody) {
  notify.dry_run = true;
  notify.with.set("subject", std::string("An instance ends"));

  EXPECT_EQ(fleet.run(notify, about).value(), outcome::done);

  EXPECT_EQ(asked(), 0U);
  const auto would = fleet.logged("would_notify");
  ASSERT_THAT(would, SizeIs(1));
  EXPECT_EQ(would.front().at("topic").as_string(), topic);
  EXPECT_EQ(would.front().at("subject").as_string(), "An instance ends");
}

TEST_F(notify_test, says_what_it_will_do) {
  notify.with.set("subject", std::string("An instance ends"));

  EXPECT_EQ(find_step("notify")->describe(notify.with), "topic fleet in eu-west-1, subject \"An instance ends\"");
}

}  // namespace
}  // namespace lifehook::handlers
