#include "tests/simulation/worded_scenario.h"

#include <gmock/gmock.h>
#include <boost/json.hpp>

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
namespace json = boost::json;

json::object page_of(const replica& worker) { return json::parse(worker.service->hooks()).as_object(); }

std::vector<json::object> events_of(const replica& worker) {
  std::vector<json::object> all;
  const auto page = page_of(worker);
  for (const auto& each : page.at("events").as_array()) all.push_back(each.as_object());
  return all;
}

json::object only_event(const replica& worker) {
  const auto all = events_of(worker);
  EXPECT_THAT(all, SizeIs(1));
  return all.empty() ? json::object() : all.front();
}

json::object only_step(const replica& worker) {
  const auto event = only_event(worker);
  const auto* steps = event.if_contains("steps");
  EXPECT_TRUE(steps && steps->as_array().size() == 1) << json::serialize(event);
  return steps && !steps->as_array().empty() ? steps->as_array().front().as_object() : json::object();
}

std::string text_of(const json::object& in, std::string_view key) {
  const auto* found = in.if_contains(key);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

double number_of(const json::object& in, std::string_view key) {
  const auto* found = in.if_contains(key);
  return found && found->is_number() ? found->to_number<double>() : -1;
}

// The reason of that kind, of a step or an event.
json::object reason_in(const json::object& of, std::string_view what) {
  if (const auto* why = of.if_contains("why"))
    for (const auto& each : why->as_array())
      if (text_of(each.as_object(), "what") == what) return each.as_object();
  return {};
}

json::object step_reason(const replica& worker, std::string_view what) { return reason_in(only_step(worker), what); }

void send_event(scenario& fleet, const std::string& instance, const std::string& token) {
  auto body = json::parse(fleet.terminate_body(instance)).as_object();
  body["LifecycleActionToken"] = token;
  fleet.world.sqs().send(fleet.queue_url(), json::serialize(body));
}

// A hook that a task holds, which nothing will move.
replica& hold_a_drain(scenario& fleet,
                      const std::string& terminating = "[{drain_ecs: {cluster: prod, timeout: 30m}}]") {
  fleet.terminating = terminating;
  fleet.instances = 2;
  fleet.heartbeat_timeout = 60s;
  fleet.furnish();
  fleet.time.run_for(30s);
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();
  fleet.world.ecs().run_task("prod", "report", instance);
  fleet.time.run_for(30s);
  fleet.world.autoscaling().terminate(instance, true);
  return worker;
}

TEST(hooks_page, is_empty_when_nothing_is_in_hand) {
  scenario fleet;
  fleet.start();
  fleet.time.run_for(1min);
  auto& worker = fleet.add_worker();

  const auto page = page_of(worker);

  EXPECT_EQ(number_of(page, "in_hand"), 0);
  EXPECT_THAT(events_of(worker), IsEmpty());
}

TEST(hooks_page, tells_of_a_hook_what_an_operator_asks_first) {
  scenario fleet;
  auto& worker = hold_a_drain(fleet);
  fleet.time.run_for(50s);

  const auto event = only_event(worker);

  EXPECT_EQ(text_of(event, "event"), "terminating");
  EXPECT_EQ(text_of(event, "group"), "web");
  EXPECT_EQ(text_of(event, "scaling_group"), "web-fleet");
  EXPECT_EQ(text_of(event, "hook"), "drain");
  EXPECT_THAT(text_of(event, "instance"), testing::StartsWith("i-"));
  EXPECT_THAT(text_of(event, "token"), SizeIs(8)) << "never a whole token";
  EXPECT_THAT(text_of(event, "message"), Not(IsEmpty()));
  EXPECT_EQ(text_of(event, "queue"), "lifecycle");
  EXPECT_EQ(number_of(event, "receive_count"), 1);
  EXPECT_EQ(text_of(event, "stage"), "steps");
  EXPECT_TRUE(event.at("proven_open").as_bool());
  EXPECT_NEAR(number_of(event, "in_hand_seconds"), 50, 2);
  EXPECT_GE(number_of(event, "age_seconds"), number_of(event, "in_hand_seconds"));
  EXPECT_NEAR(number_of(event, "deadline_seconds"), 40 * 60 - 60, 15);
  EXPECT_LE(number_of(event, "last_heartbeat_seconds"), 35);
  EXPECT_GE(number_of(event, "last_heartbeat_seconds"), 0);
}

TEST(hooks_page, says_that_heartbeats_fail_and_when_aws_ends_the_hook) {
  scenario fleet;
  auto& worker = hold_a_drain(fleet);
  fleet.time.run_for(50s);
  const auto timer = number_of(only_event(worker), "timer_seconds");
  EXPECT_GT(timer, 0);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add(
      {simulator::fault_kind::access_denied, "autoscaling", "RecordLifecycleActionHeartbeat", 1.0, now, now + 1h, {}});

  fleet.time.run_for(std::chrono::seconds(static_cast<int>(timer) - 2));

  const auto event = only_event(worker);
  EXPECT_LE(number_of(event, "timer_seconds"), 3);
  const auto& why = event.at("why").as_array();
  ASSERT_FALSE(why.empty());
  EXPECT_EQ(why.front().at("what").as_string(), "outage");
  EXPECT_EQ(why.front().at("meaning").as_string(), "denied");
  EXPECT_EQ(why.front().at("doing").as_string(), "keeping the hook open");
}

TEST(hooks_page, a_whole_token_is_nowhere_on_it) {
  scenario fleet;
  auto& worker = hold_a_drain(fleet);
  fleet.add_fault(fault_kind::server_error, "autoscaling", "*", 10min);
  fleet.time.run_for(50s);

  EXPECT_THAT(worker.service->hooks(), Not(HasSubstr(fleet.actions().front().token)));
}

TEST(hooks_page, a_drain_counts_its_tasks_and_says_why_it_stands_still) {
  scenario fleet;
  auto& worker = hold_a_drain(fleet);
  fleet.time.run_for(30s);

  EXPECT_EQ(text_of(only_step(worker), "step"), "drain_ecs/1.1");
  EXPECT_EQ(number_of(only_step(worker), "timeout_seconds"), 1800);
  EXPECT_NEAR(number_of(only_step(worker), "seconds"), 30, 5);
  EXPECT_EQ(text_of(step_reason(worker, "progress"), "text"), "tasks: 1 running, 0 pending, 0 stopping");
  EXPECT_THAT(step_reason(worker, "waiting"), IsEmpty()) << "it may just be slow";

  fleet.time.run_for(2min);

  const auto why = step_reason(worker, "waiting");
  EXPECT_EQ(text_of(why, "meaning"), "standalone_task");
  EXPECT_THAT(text_of(why, "text"), HasSubstr("standalone_tasks: stop"));
  EXPECT_NEAR(number_of(why, "seconds"), 150, 10) << "since no task has left, not since it was said";
}

TEST(hooks_page, a_drain_that_goes_on_no_longer_says_why_it_stood_still) {
  scenario fleet;
  auto& worker = hold_a_drain(fleet);
  const auto other = fleet.world.ecs().run_task("prod", "report", fleet.actions().front().instance);
  fleet.time.run_for(150s);
  ASSERT_THAT(step_reason(worker, "waiting"), Not(IsEmpty()));

  fleet.world.ecs().stop_task(other);
  const auto is_left = [&] { return text_of(step_reason(worker, "progress"), "text").starts_with("tasks: 1 running"); };

  ASSERT_TRUE(fleet.time.run_until(is_left));
  EXPECT_THAT(step_reason(worker, "waiting"), IsEmpty());
}

TEST(hooks_page, an_outage_is_told_with_its_meaning_its_text_and_since_when_until_it_is_over) {
  scenario fleet;
  auto& worker = hold_a_drain(fleet);
  fleet.time.run_for(20s);
  fleet.add_fault(fault_kind::access_denied, "ecs", "*", 5min);
  fleet.time.run_for(3min);

  const auto why = step_reason(worker, "outage");

  EXPECT_EQ(text_of(why, "meaning"), "denied");
  EXPECT_EQ(text_of(why, "doing"), "looking at the container instance");
  EXPECT_THAT(text_of(why, "text"), HasSubstr("AccessDenied"));
  EXPECT_NEAR(number_of(why, "seconds"), 180, 10) << "since the first try, not since the last";

  fleet.time.run_for(4min);

  EXPECT_THAT(step_reason(worker, "outage"), IsEmpty());
}

TEST(hooks_page, what_is_not_proven_to_be_open_waits_for_the_proof) {
  scenario fleet;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.add_fault(fault_kind::server_error, "autoscaling", "*", 10min);
  fleet.scale_in_to(3);
  fleet.time.run_for(30s);

  const auto event = only_event(worker);
  EXPECT_FALSE(event.at("proven_open").as_bool());
  EXPECT_TRUE(event.at("last_heartbeat_seconds").is_null());
  EXPECT_THAT(text_of(step_reason(worker, "proof"), "text"), HasSubstr("has not shown yet"));

  fleet.time.run_for(1min);

  EXPECT_TRUE(only_event(worker).at("proven_open").as_bool());
  EXPECT_THAT(worker.service->hooks(), Not(HasSubstr("has not shown yet")));
}

TEST(hooks_page, a_hook_whose_completion_aws_does_not_take_says_so) {
  scenario fleet;
  fleet.furnish();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.add_fault(fault_kind::access_denied, "autoscaling", "CompleteLifecycleAction", 10min);
  fleet.scale_in_to(3);
  fleet.time.run_for(2min);

  const auto event = only_event(worker);

  EXPECT_EQ(text_of(event, "stage"), "completing");
  EXPECT_TRUE(event.at("steps").as_array().empty());
  EXPECT_THAT(text_of(reason_in(event, "completing"), "text"), HasSubstr("being completed"));
  EXPECT_EQ(text_of(reason_in(event, "outage"), "meaning"), "denied");
  EXPECT_GE(number_of(reason_in(event, "outage"), "seconds"), 60);
}

TEST(hooks_page, a_hook_left_to_its_default_result_says_so) {
  scenario fleet;
  fleet.group_settings = "deadline: 1m, on_failure: {terminating: default}";
  auto& worker = hold_a_drain(fleet, "[{drain_ecs: {cluster: prod}}]");
  fleet.time.run_for(70s);

  EXPECT_EQ(text_of(only_event(worker), "stage"), "awaits_default");
  EXPECT_THAT(text_of(reason_in(only_event(worker), "awaits_default"), "text"), HasSubstr("default result"));
}

TEST(hooks_page, a_copy_waits_for_the_message_it_has_joined) {
  scenario fleet;
  auto& worker = hold_a_drain(fleet);
  fleet.time.run_for(10s);
  send_event(fleet, fleet.actions().front().instance, fleet.actions().front().token);
  fleet.time.run_for(10s);

  const auto events = events_of(worker);

  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(text_of(events.front(), "stage"), "steps");
  EXPECT_EQ(text_of(events.back(), "stage"), "joined") << "whose deadline is not known comes last";
  EXPECT_TRUE(events.back().at("deadline_seconds").is_null());
  EXPECT_THAT(text_of(reason_in(events.back(), "joined"), "text"), HasSubstr("another message"));
}

// From half of maxReceiveCount on the look-up is waited for in hand.
TEST(hooks_page, an_outage_of_the_look_up_tells_what_cannot_be_routed) {
  worded_scenario fleet(
      "  - {name: web, match_tags: {Team: web}, spot_interruption: [{drain_ecs: {cluster: prod}}]}\n");
  fleet.max_receive_count = 2;
  fleet.furnish();
  auto& worker = fleet.start_worded();
  fleet.time.run_for(5s);
  fleet.add_fault(fault_kind::access_denied, "ec2", "*", 30min);
  fleet.add_fault(fault_kind::access_denied, "autoscaling", "*", 30min);
  fleet.world.autoscaling().bridge(fleet.world.sqs().queue_arn("lifecycle"));
  fleet.world.ec2().warn_spot(fleet.world.autoscaling().instances("web-fleet").front());
  fleet.time.run_for(90s);

  const auto event = only_event(worker);

  EXPECT_EQ(text_of(event, "stage"), "routing");
  EXPECT_TRUE(event.at("group").is_null());
  EXPECT_EQ(text_of(reason_in(event, "outage"), "doing"), "finding out whose it is");
  EXPECT_EQ(text_of(reason_in(event, "outage"), "meaning"), "denied");
}

TEST(hooks_page, tells_how_many_calls_wait_for_the_accounts_limits) {
  scenario fleet;
  fleet.settings = "budget: {limits: {ecs_read: {burst: 1, per_second: 0.1}}}\n";
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.scale_in_to(1);
  fleet.time.run_for(20s);

  const auto page = page_of(worker);
  const auto& waiting = page.at("calls_waiting").as_array();

  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(text_of(waiting.front().as_object(), "family"), "ecs_read");
  EXPECT_GE(number_of(waiting.front().as_object(), "calls"), 1);
  EXPECT_FALSE(waiting.front().as_object().at("throttled").as_bool());
  std::vector<std::string> asked;
  for (const auto& each : events_of(worker))
    for (const auto& step : each.at("steps").as_array())
      asked.push_back(text_of(reason_in(step.as_object(), "asking"), "doing"));
  EXPECT_THAT(asked, testing::Contains("finding the container instance"));
}

}  // namespace
}  // namespace lifehook::test
