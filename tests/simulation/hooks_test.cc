#include "base/metrics.h"
#include "tests/simulation/worded_scenario.h"

#include <fstream>
#include <sstream>

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;

constexpr auto answers_launches =
    "  - {name: web, match: [\"web-*\"], hooks: [\"warmup\"], launching: [{wait: {for: 2m}}]}\n";
constexpr auto answers_interruptions =
    "  - {name: web, match: [\"web-*\"], spot_interruption: [{drain_ecs: {cluster: prod}}]}\n";

std::string first_instance(scenario& of) { return of.world.autoscaling().instances("web-fleet").front(); }

TEST(hooks, two_replicas_on_one_queue_share_the_work) {
  scenario fleet;
  fleet.instances = 14;
  fleet.heartbeat_timeout = 900s;
  fleet.queue_settings = "in_hand: 5";
  fleet.furnish();
  fleet.deploy(12);
  auto& one = fleet.add_worker();
  auto& other = fleet.add_worker();
  fleet.start(one);
  fleet.start(other);

  fleet.scale_in_to(6);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(8); }));
  EXPECT_GE(one.logged("hook_in_hand").size(), 1U);
  EXPECT_GE(other.logged("hook_in_hand").size(), 1U);
  EXPECT_EQ(one.logged("hook_in_hand").size() + other.logged("hook_in_hand").size(), 8U);
  EXPECT_EQ(fleet.lost_tasks(), 0U);
  for (const auto& action : fleet.actions()) EXPECT_EQ(action.complete_calls, 1U);
}

TEST(hooks, a_completion_whose_answer_was_lost_is_found_done) {
  scenario fleet;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.add_fault(fault_kind::lost_answer, "autoscaling", "CompleteLifecycleAction", 10min);

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.ended_actions() == 1; }));
  fleet.time.run_for(500ms);  // before a heartbeat can tell
  EXPECT_FALSE(fleet.queue_is_empty()) << "nothing has been acknowledged yet";
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
  ASSERT_EQ(worker.logged("hook_ended").size(), 1U);
  EXPECT_EQ(worker.logged("hook_ended").front().at("result").as_string(), "continue");
}

TEST(hooks, one_that_somebody_else_has_ended_is_given_up_and_its_message_removed) {
  worded_scenario fleet("  - {name: web, match: [\"web-*\"], hooks: [\"drain\"], terminating: [{wait: {for: 30m}}]}\n");
  fleet.furnish();
  auto& worker = fleet.start_worded();
  fleet.scale_in_to(3);
  fleet.time.run_for(40s);
  const auto& action = fleet.actions().front();
  aws::autoscaling by_hand(fleet.somebody());

  const auto completed = fleet.time.wait_for(
      by_hand.complete({action.group, action.hook, action.instance, action.token}, aws::hook_result::proceed));
  ASSERT_TRUE(completed.has_value()) << completed.error().what();

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.queue_is_empty(); }, 20s)) << "the next heartbeat sees it";
  EXPECT_EQ(fleet.actions().front().complete_calls, 1U);
  EXPECT_EQ(worker.logged("hook_ended").front().at("result").as_string(), "ended_early");
  const auto heartbeats = fleet.world.calls().at("autoscaling.RecordLifecycleActionHeartbeat");
  fleet.time.run_for(10min);
  EXPECT_EQ(fleet.world.calls().at("autoscaling.RecordLifecycleActionHeartbeat"), heartbeats);
}

TEST(hooks, a_launch_is_held_for_its_time_counted_from_the_event_and_then_completed) {
  worded_scenario fleet(answers_launches);
  fleet.furnish();
  fleet.put_launch_hook();
  fleet.start_worded();

  fleet.world.autoscaling().set_desired("web-fleet", 5);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  const auto& action = fleet.actions().front();
  EXPECT_EQ(action.result, "CONTINUE");
  EXPECT_FALSE(action.timed_out);
  EXPECT_GE(*action.ended - action.began, 2min);
  EXPECT_LE(*action.ended - action.began, 2min + 1s);
}

TEST(hooks, a_launch_whose_steps_failed_is_abandoned) {
  worded_scenario fleet(
      "  - {name: web, match: [\"web-*\"], hooks: [\"warmup\"], launching: [{run_command: {document: "
      "AWS-RunShellScript, parameters: {commands: [\"true\"]}}}]}\n");
  fleet.furnish();
  fleet.put_launch_hook();
  fleet.world.ssm().fail_with(1);
  fleet.start_worded();

  fleet.world.autoscaling().set_desired("web-fleet", 5);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.ended_actions() == 1; }));
  const auto& action = fleet.actions().front();
  EXPECT_EQ(action.result, "ABANDON");
  EXPECT_FALSE(action.timed_out);
  EXPECT_LE(*action.ended - action.began, 2min);
}

TEST(hooks, tags_of_the_group_decide_whose_it_is_and_an_outage_of_the_look_up_is_waited_out) {
  worded_scenario fleet(
      "  - {name: payments, match_tags: {Team: pay*}, hooks: [\"*\"], terminating: [{wait: {for: 1s}}]}\n"
      "  - {name: tagged, match_tags: {Team: web}, hooks: [\"*\"], terminating: [{drain_ecs: {cluster: prod}}]}\n");
  fleet.heartbeat_timeout = 900s;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.start_worded();
  fleet.add_fault(fault_kind::access_denied, "autoscaling", "DescribeAutoScalingGroups", 5min);

  fleet.scale_in_to(3);

  fleet.time.run_for(5min);
  EXPECT_TRUE(worker.logged("hook_in_hand").empty());
  EXPECT_FALSE(worker.logged("routing_failed").empty());
  EXPECT_FALSE(fleet.queue_is_empty());
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(worker.logged("hook_in_hand").back().at("group").as_string(), "tagged");
  EXPECT_FALSE(fleet.actions().front().timed_out);
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

// AWS's lists as they are for a moment after a group and its instance were made.
class forgetful_wire final : public aws::http_transport {
 public:
  forgetful_wire(clock& time, aws::http_transport& behind) : clock_(time), behind_(behind) {}

  task<result<aws::http_response>> send(aws::http_request request) override {
    if (clock_.now() < knows_from) {
      if (request.body.find("Action=DescribeInstances&") != std::string::npos)
        co_return aws::http_response{
            200, {}, "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>"};
      if (request.body.find("Action=DescribeAutoScalingGroups&") != std::string::npos)
        co_return aws::http_response{200,
                                     {},
                                     "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult>"
                                     "<AutoScalingGroups/></DescribeAutoScalingGroupsResult>"
                                     "</DescribeAutoScalingGroupsResponse>"};
    }
    co_return co_await behind_.send(std::move(request));
  }

  time_point knows_from{};

 private:
  clock& clock_;
  aws::http_transport& behind_;
};

TEST(hooks, a_launch_that_aws_does_not_list_yet_is_not_turned_away_for_its_tags) {
  worded_scenario fleet(
      "  - {name: web, match_tags: {Team: web}, hooks: [\"warmup\"], launching: [{wait: {for: 1s}}]}\n");
  auto wire = std::make_unique<forgetful_wire>(fleet.time.clock, fleet.world.wire());
  auto& lists = *wire;
  fleet.wire = std::move(wire);
  fleet.furnish();
  fleet.put_launch_hook(300s);
  fleet.start_worded();
  lists.knows_from = fleet.time.clock.now() + 20s;

  fleet.world.autoscaling().set_desired("web-fleet", 5);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
  EXPECT_FALSE(fleet.actions().front().timed_out);
}

TEST(hooks, a_group_without_a_list_for_the_transition_leaves_the_hook_to_aws) {
  worded_scenario fleet("  - {name: web, match: [\"web-*\"], hooks: [\"*\"], launching: [{wait: {for: 2m}}]}\n");
  fleet.furnish();
  auto& worker = fleet.start_worded();

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_TRUE(fleet.actions().front().timed_out);
  EXPECT_EQ(fleet.actions().front().complete_calls, 0U);
  EXPECT_TRUE(fleet.actions().front().heartbeats.empty());
  ASSERT_EQ(worker.logged("unanswered").size(), 1U);
  EXPECT_EQ(worker.logged("unanswered").front().at("level").as_string(), "warn");
  EXPECT_NE(worker.counts.exposition().find(
                R"(lifehook_events_total{event="terminating",group="web",outcome="unanswered"} 1)"),
            std::string::npos);
}

TEST(hooks, a_message_older_than_half_the_timeout_gets_its_heartbeat_on_receipt) {
  scenario fleet;
  fleet.furnish();
  fleet.deploy();
  fleet.scale_in_to(3);
  fleet.time.run_for(20s);
  const auto started = fleet.time.clock.now();

  fleet.start(fleet.add_worker());

  ASSERT_TRUE(fleet.time.run_until([&] { return !fleet.actions().front().heartbeats.empty(); }, 5s));
  EXPECT_LE(fleet.actions().front().heartbeats.front() - started, 1s);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_FALSE(fleet.actions().front().timed_out);
}

TEST(hooks, a_message_received_at_once_gets_its_first_heartbeat_after_half_the_timeout) {
  scenario fleet;
  fleet.heartbeat_timeout = 900s;
  fleet.terminating = "[{wait: {for: 10m}}]";
  fleet.furnish();
  fleet.start(fleet.add_worker());

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  ASSERT_EQ(fleet.actions().front().heartbeats.size(), 1U);
  EXPECT_GE(fleet.actions().front().heartbeats.front() - fleet.actions().front().began, 400s);
}

TEST(hooks, one_that_may_not_be_requeued_goes_back_ten_minutes_before_sqs_would_hand_it_out) {
  scenario fleet;
  fleet.max_receive_count = 2;
  fleet.queue_settings = "pollers: 1";
  fleet.settings = "adopt_after: 0s\n";
  fleet.heartbeat_timeout = 3600s;
  fleet.group_settings = "deadline: 14h";
  fleet.terminating = "[{wait: {for: 13h}}]";
  fleet.furnish();
  auto& worker = fleet.add_worker();
  fleet.start(worker);

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 15h));
  EXPECT_EQ(worker.logged("given_back").size(), 1U);
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
  EXPECT_FALSE(fleet.actions().front().timed_out);
  EXPECT_TRUE(worker.logged("received_again_in_hand").empty());
  EXPECT_TRUE(worker.logged("extending_visibility_failed").empty());
}

TEST(hooks, one_whose_worker_died_is_kept_open_by_the_next) {
  worded_scenario fleet("  - {name: web, match: [\"web-*\"], hooks: [\"drain\"], terminating: [{wait: {for: 5m}}]}\n");
  fleet.heartbeat_timeout = 60s;
  fleet.furnish();
  fleet.scale_in_to(3);
  fleet.time.run_for(2s);
  aws::sqs dead(fleet.somebody());
  ASSERT_EQ(fleet.time.wait_for(dead.receive(fleet.queue_url(), 10, 0s, 33s)).value().size(), 2U)
      << "beside the hook's message the one that tests the hook's target";

  fleet.start_worded();

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_FALSE(fleet.actions().front().timed_out);
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
}

TEST(hooks, one_held_longer_than_its_time_is_requeued_with_a_heartbeat_before) {
  scenario fleet;
  fleet.queue_settings = "hold: 20s";
  fleet.terminating = "[{wait: {for: 3m}}]";
  fleet.furnish();
  auto& worker = fleet.add_worker();
  fleet.start(worker);

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  const auto given_back = worker.logged("given_back").size();
  EXPECT_GE(given_back, 4U);
  EXPECT_LE(given_back, 10U) << "half of maxReceiveCount";
  EXPECT_GE(fleet.actions().front().heartbeats.size(), given_back);
  EXPECT_EQ(worker.logged("hook_in_hand").size(), given_back + 1);
  EXPECT_FALSE(fleet.actions().front().timed_out);
  EXPECT_EQ(fleet.actions().front().result, "CONTINUE");
}

TEST(hooks, a_dry_run_changes_nothing_and_removes_no_hook_message) {
  scenario fleet;
  fleet.heartbeat_timeout = 900s;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker(true);
  fleet.start(worker);

  fleet.scale_in_to(3);
  fleet.time.run_for(5min);

  const auto& calls = fleet.world.calls();
  for (const auto* changing : {"autoscaling.CompleteLifecycleAction", "autoscaling.RecordLifecycleActionHeartbeat",
                               "ecs.UpdateContainerInstancesState"})
    EXPECT_FALSE(calls.contains(changing)) << changing;
  EXPECT_EQ(fleet.ended_actions(), 0U);
  const auto left = fleet.world.sqs().bodies(fleet.queue_url());
  EXPECT_TRUE(std::any_of(left.begin(), left.end(), [&](const auto& body) {
    return body.find(fleet.actions().front().token) != std::string::npos;
  }));
  ASSERT_FALSE(worker.logged("dry_run").empty());
  EXPECT_EQ(worker.logged("dry_run").front().at("would").as_string(), "continue");
  EXPECT_FALSE(worker.logged("would_drain").empty());
}

// The sample of AWS, of this instance, now, by a clock of AWS that may be ahead.
std::string interruption_of(scenario& fleet, const std::string& instance, duration ahead = {}) {
  std::ifstream file(LIFEHOOK_SOURCE "/tests/data/messages/eb-ec2-spot-interruption-warning.json");
  std::stringstream read;
  read << file.rdbuf();
  auto body = read.str();
  const std::string sample = "i-0a1b2c3d4e5f60718", sampled = "2026-03-02T10:15:30Z";
  for (auto at = body.find(sample); at != std::string::npos; at = body.find(sample, at + instance.size()))
    body.replace(at, sample.size(), instance);
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>((fleet.time.clock.now() + ahead).time_since_epoch()).count();
  const auto seconds = now % 86400;
  const auto when = fmt::format("2026-03-02T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60);
  body.replace(body.find(sampled), sampled.size(), when);
  return body;
}

TEST(hooks, a_spot_interruption_drains_the_instance_and_is_removed) {
  worded_scenario fleet(answers_interruptions);
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.start_worded();
  const auto instance = first_instance(fleet);

  fleet.world.sqs().send(fleet.queue_url(), interruption_of(fleet, instance));

  ASSERT_TRUE(
      fleet.time.run_until([&] { return fleet.queue_is_empty() && !worker.logged("step_ended").empty(); }, 2min));
  EXPECT_EQ(fleet.world.ecs().instance_status(instance), "DRAINING");
  const auto tasks = fleet.world.ecs().tasks("prod");
  EXPECT_TRUE(std::none_of(tasks.begin(), tasks.end(), [&](const auto& each) {
    return each.instance == instance && each.last_status != "STOPPED";
  }));
  EXPECT_EQ(worker.logged("step_ended").back().at("outcome").as_string(), "done");
}

TEST(hooks, a_spot_interruption_has_its_two_minutes_whatever_the_clock_of_aws_says) {
  for (const auto ahead : {-20min, 20min}) {
    worded_scenario fleet(answers_interruptions);
    fleet.furnish();
    fleet.world.faults().add({.kind = fault_kind::clock_skew, .delay = ahead});
    auto& worker = fleet.start_worded();
    fleet.time.run_for(1min);
    fleet.world.ecs().run_task("prod", "report", first_instance(fleet));
    const auto before = fleet.time.clock.now();

    fleet.world.sqs().send(fleet.queue_url(), interruption_of(fleet, first_instance(fleet), ahead));

    ASSERT_TRUE(fleet.time.run_until([&] { return !worker.logged("window_ended").empty(); }, 10min)) << ahead.count();
    EXPECT_GE(fleet.time.clock.now() - before, 105s) << ahead.count();
    EXPECT_LE(fleet.time.clock.now() - before, 115s) << ahead.count();
  }
}

TEST(hooks, a_clock_that_is_off_is_said_once_an_hour) {
  for (const auto ahead : {30s, -30s, 1200s, -1200s}) {
    worded_scenario fleet(answers_interruptions);
    fleet.furnish();
    fleet.world.faults().add({.kind = fault_kind::clock_skew, .delay = ahead});
    auto& worker = fleet.start_worded();

    fleet.time.run_for(50min);

    const auto said = worker.logged("clock_off");
    ASSERT_EQ(said.size(), std::chrono::abs(ahead) > 1min ? 1U : 0U) << ahead.count();
    for (const auto& each : said)
      EXPECT_NEAR(each.at("aws_is_ahead_seconds").to_number<double>(), static_cast<double>(ahead.count()), 2);
  }
}

TEST(hooks, an_event_that_cannot_be_routed_is_tried_again_every_minute_at_least) {
  worded_scenario fleet(answers_interruptions);
  fleet.max_receive_count = 1000;
  fleet.furnish();
  auto& worker = fleet.start_worded();
  fleet.time.run_until([&] { return fleet.queue_is_empty(); });
  fleet.add_fault(fault_kind::access_denied, "autoscaling", "DescribeAutoScalingInstances", 2h);

  fleet.world.sqs().send(fleet.queue_url(), interruption_of(fleet, first_instance(fleet)));
  fleet.time.run_for(1h);

  EXPECT_GE(worker.logged("routing_failed").size(), 60U);
  EXPECT_LE(worker.logged("routing_failed").size(), 240U);
  EXPECT_FALSE(fleet.queue_is_empty());
}

TEST(hooks, a_spot_interruption_that_cannot_be_handled_is_removed_as_failed_when_its_two_minutes_end) {
  worded_scenario fleet(answers_interruptions);
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.start_worded();
  fleet.time.run_until([&] { return fleet.queue_is_empty(); });
  fleet.add_fault(fault_kind::access_denied, "ecs", "*", 1h);
  const auto before = fleet.time.clock.now();

  fleet.world.sqs().send(fleet.queue_url(), interruption_of(fleet, first_instance(fleet)));

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.queue_is_empty(); }, 10min));
  EXPECT_GE(fleet.time.clock.now() - before, 109s);
  EXPECT_LE(fleet.time.clock.now() - before, 120s);
  EXPECT_EQ(worker.logged("window_ended").size(), 1U);
  EXPECT_NE(worker.counts.exposition().find(
                R"(lifehook_events_total{event="spot_interruption",group="web",outcome="failed"} 1)"),
            std::string::npos);
}

}  // namespace
}  // namespace lifehook::test
