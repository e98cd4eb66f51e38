#include "aws/services.h"
#include "aws/xml.h"
#include "base/time_text.h"
#include "tests/simulation/worded_scenario.h"

#include <algorithm>

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

// Two workers that hold `in_hand` hooks each for ten minutes, in a group that has a hook of somebody else's too.
void start_two(scenario& fleet, int in_hand) {
  fleet.terminating = "[{wait: {for: 10m}}]";
  fleet.queue_settings = fmt::format("in_hand: {}", in_hand);
  fleet.furnish();
  fleet.put_hook("somebody-elses", 2h);
  fleet.start(fleet.add_worker());
  fleet.start(fleet.add_worker());
}

// Two workers hold two hooks each, while a third one's has been completed and its instance waits for another hook.
TEST(orphans_of_others, a_wait_that_goes_on_for_another_hook_makes_none_of_those_in_other_hands) {
  scenario fleet;
  fleet.heartbeat_timeout = 1h;
  fleet.instances = 6;
  start_two(fleet, 2);
  fleet.scale_in_to(5);
  fleet.time.run_for(5min);

  fleet.scale_in_to(1);
  fleet.time.run_for(20min);

  EXPECT_EQ(fleet.calls("sqs.SendMessage"), 0U);
}

TEST(orphans_of_others, a_wait_that_was_kept_open_for_long_is_asked_about_once_it_is_over) {
  scenario fleet;
  fleet.heartbeat_timeout = 240s;
  fleet.instances = 8;
  start_two(fleet, 3);
  fleet.scale_in_to(5);
  fleet.time.run_for(11min);

  fleet.scale_in_to(2);
  fleet.time.run_for(20min);

  EXPECT_EQ(fleet.calls("sqs.SendMessage"), 0U);
}

TEST(orphans_of_others, a_hook_that_tells_another_queue_is_left_to_it) {
  scenario fleet;
  fleet.heartbeat_timeout = 300s;
  fleet.furnish();
  fleet.world.sqs().create_queue("others");
  fleet.put_hook("drain", 300s, fleet.world.sqs().queue_arn("others"));
  fleet.start(fleet.add_worker());

  fleet.scale_in_to(3);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.ended_actions() == 1; }, 10min));

  EXPECT_EQ(fleet.calls("sqs.SendMessage"), 0U);
  EXPECT_EQ(fleet.actions().front().complete_calls, 0U);
}

TEST(orphans_of_others, a_hook_that_is_left_to_its_default_is_not_adopted_meanwhile) {
  scenario fleet;
  fleet.heartbeat_timeout = 600s;
  fleet.queue_settings = "in_hand: 2";
  fleet.group_settings = "deadline: 3m, on_failure: {terminating: default}";
  fleet.terminating = "[{drain_ecs: {cluster: prod, timeout: 2m}}]";
  fleet.furnish();
  fleet.world.ecs().create_service({"prod", "stuck", 8, 100, 100, false, 8s, 20s});
  fleet.time.run_for(30s);
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  fleet.start(fleet.add_worker());

  fleet.scale_in_to(1);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(3); }, 30min));
  EXPECT_FALSE(worker.logged("steps_failed").empty());
  for (const auto& each : fleet.actions()) EXPECT_TRUE(each.timed_out);
  EXPECT_EQ(fleet.calls("sqs.SendMessage"), 0U);
}

// Refuses heartbeats of one group.
class partly_denied_wire final : public aws::http_transport {
 public:
  explicit partly_denied_wire(aws::http_transport& behind) : behind_(behind) {}
  task<result<aws::http_response>> send(aws::http_request request) override {
    const auto has = [&request](std::string_view text) { return request.body.find(text) != std::string::npos; };
    if (has("Action=RecordLifecycleActionHeartbeat") && has("web-denied"))
      co_return aws::http_response{403, {}, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"};
    co_return co_await behind_.send(std::move(request));
  }

 private:
  aws::http_transport& behind_;
};

TEST(orphans_of_others, a_group_whose_hooks_we_may_not_touch_hides_none_of_the_rest) {
  worded_scenario fleet("  - {name: web, match: [web-*], hooks: [drain], terminating: [{wait: {for: 30s}}]}\n");
  fleet.heartbeat_timeout = 300s;
  fleet.tells = false;
  fleet.furnish();
  fleet.world.autoscaling().create_group({.name = "web-denied", .desired = 2});
  fleet.put_hook("drain", 1h, {}, "web-denied");
  fleet.wire = std::make_unique<partly_denied_wire>(fleet.world.wire());
  auto& worker = fleet.start_worded();
  fleet.time.run_for(1min);

  fleet.world.autoscaling().set_desired("web-denied", 1);
  fleet.scale_in_to(3);
  fleet.time.run_for(10min);

  ASSERT_EQ(worker.logged("hook_adopted").size(), 1U);
  EXPECT_EQ(worker.logged("hook_adopted").front().at("scaling_group").as_string(), "web-fleet");
  EXPECT_EQ(worker.logged("looking_for_orphans_failed").size(), 1U);
}

// A queue whose key may be used to read, but not to write.
class locked_wire final : public aws::http_transport {
 public:
  explicit locked_wire(aws::http_transport& behind) : behind_(behind) {}
  task<result<aws::http_response>> send(aws::http_request request) override {
    const auto sends = [](const auto& header) { return header.second == "AmazonSQS.SendMessage"; };
    if (std::any_of(request.headers.begin(), request.headers.end(), sends))
      co_return aws::http_response{400, {}, R"({"__type": "com.amazonaws.sqs#KmsAccessDenied", "message": "no"})"};
    co_return co_await behind_.send(std::move(request));
  }

 private:
  aws::http_transport& behind_;
};

TEST(orphans_of_others, a_key_that_may_not_be_used_to_send_is_said_to_be_a_missing_permission) {
  worded_scenario fleet("  - {name: web, match: [web-*], hooks: [drain], terminating: [{wait: {for: 30s}}]}\n");
  fleet.heartbeat_timeout = 300s;
  fleet.tells = false;
  fleet.furnish();
  fleet.wire = std::make_unique<locked_wire>(fleet.world.wire());
  auto& worker = fleet.start_worded();
  fleet.scale_in_to(3);

  fleet.time.run_for(5min);

  ASSERT_EQ(worker.logged("looking_for_orphans_failed").size(), 1U);
  const auto advice = worker.logged("looking_for_orphans_failed").front().at("advice");
  EXPECT_NE(advice.as_string().find("kms:GenerateDataKey"), std::string::npos);
}

struct pooled_fleet : worded_scenario {
  explicit pooled_fleet(std::string groups) : worded_scenario(std::move(groups)) {
    heartbeat_timeout = 300s;
    tells = false;
    furnish();
    simulator::hook_settings launch;
    launch.name = "warmup";
    launch.transition = "autoscaling:EC2_INSTANCE_LAUNCHING";
    launch.heartbeat_timeout = 300s;
    world.autoscaling().put_hook("web-fleet", launch);
  }
  void put_pool() {
    auto put = somebody().call(aws::services::autoscaling, "PutWarmPool",
                               aws::query_parameters{{"AutoScalingGroupName", "web-fleet"},
                                                     {"MaxGroupPreparedCapacity", "4"},
                                                     {"InstanceReusePolicy.ReuseOnScaleIn", "true"}});
    ASSERT_TRUE(time.wait_for(std::move(put)).has_value());
  }
};

TEST(orphans_of_others, a_return_to_the_warm_pool_and_a_launch_from_it_are_adopted) {
  pooled_fleet fleet(
      "  - {name: web, match: [\"web-*\"], hooks: [\"*\"], terminating: [{drain_ecs: {cluster: prod}}], launching: "
      "[{wait: {for: 5s}}]}\n");
  fleet.deploy();
  fleet.put_pool();
  auto& worker = fleet.start_worded();
  const auto instance = fleet.world.autoscaling().instances("web-fleet").front();

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 10min));
  fleet.time.run_for(5s);
  EXPECT_EQ(fleet.actions().back().complete_calls, 1U);
  ASSERT_EQ(fleet.world.autoscaling().lifecycle_state(instance), "Warmed:Stopped");
  ASSERT_EQ(fleet.world.ecs().instance_status(instance), "DRAINING");
  EXPECT_EQ(worker.logged("hook_in_hand").back().at("ends_instance").as_bool(), false);

  fleet.scale_in_to(4);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }, 10min));
  EXPECT_EQ(fleet.actions().back().complete_calls, 1U);
  EXPECT_EQ(fleet.world.ecs().instance_status(instance), "ACTIVE");
}

time_point logged_at(const replica& worker, std::string_view event) {
  const auto lines = worker.logged(event);
  return lines.empty() ? time_point() : *parse_rfc3339(lines.front().at("time").as_string());
}

// Its load balancer lets go for an hour; its hooks last 200 minutes at most.
TEST(orphans_of_others, an_end_that_began_long_before_its_hook_has_all_of_its_hooks_time) {
  worded_scenario fleet(
      "  - {name: web, match: [web-*], hooks: [drain], deadline: 6h, terminating: [{wait: {for: 5h}}]}\n");
  fleet.heartbeat_timeout = 120s;
  fleet.tells = false;
  fleet.furnish();
  const auto targets = fleet.world.elbv2().create_target_group({.name = "web", .deregistration_delay = 3600s});
  auto attached = fleet.somebody().call(
      aws::services::autoscaling, "AttachLoadBalancerTargetGroups",
      aws::query_parameters{{"AutoScalingGroupName", "web-fleet"}, {"TargetGroupARNs.member.1", targets}});
  ASSERT_TRUE(fleet.time.wait_for(std::move(attached)).has_value());
  auto& worker = fleet.start_worded();
  fleet.time.run_for(4h);

  fleet.scale_in_to(3);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }, 10h));
  ASSERT_EQ(worker.logged("hook_adopted").size(), 1U);
  EXPECT_GE(logged_at(worker, "deadline_reached") - logged_at(worker, "hook_adopted"), 3h);
}

}  // namespace
}  // namespace lifehook::test
