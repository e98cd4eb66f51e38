#include "tests/simulation/worded_scenario.h"

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;

TEST(queue, a_malformed_message_is_left_to_the_dead_letter_queue) {
  scenario fleet;
  fleet.max_receive_count = 3;
  fleet.start();

  fleet.world.sqs().send(fleet.queue_url(), "hello");

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.world.sqs().counts(fleet.dead_letters()).visible == 1; }));
  EXPECT_TRUE(fleet.queue_is_empty());
}

TEST(queue, a_foreign_message_is_deleted_and_touches_no_hook) {
  scenario fleet;
  fleet.start();
  fleet.time.run_until([&] { return fleet.queue_is_empty(); });
  const auto calls = fleet.world.calls();

  fleet.world.sqs().send(fleet.queue_url(), fleet.terminate_body("i-0a1b2c3d4e5f60718", "other-fleet"));
  fleet.world.sqs().send(fleet.queue_url(), fleet.terminate_body("i-0a1b2c3d4e5f60718", "web-fleet",
                                                                 "ecs-managed-draining-termination-hook"));

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.queue_is_empty(); }));
  EXPECT_EQ(fleet.world.calls().count("autoscaling.CompleteLifecycleAction"), 0U);
  EXPECT_EQ(fleet.world.calls().count("autoscaling.RecordLifecycleActionHeartbeat"), 0U);
}

TEST(queue, the_test_notification_of_a_new_hook_is_deleted) {
  scenario fleet;
  fleet.furnish();
  ASSERT_EQ(fleet.world.sqs().counts(fleet.queue_url()).visible, 1U);

  fleet.start(fleet.add_worker());

  EXPECT_TRUE(fleet.time.run_until([&] { return fleet.queue_is_empty(); }, 5min));
}

TEST(queue, no_more_messages_are_held_than_the_limit_says) {
  scenario fleet;
  fleet.instances = 20;
  fleet.heartbeat_timeout = 900s;
  fleet.queue_settings = "pollers: 2, in_hand: 5";
  fleet.furnish();
  fleet.deploy(20);
  auto& worker = fleet.add_worker();
  fleet.start(worker);
  std::size_t most = 0;

  fleet.scale_in_to(8);

  ASSERT_TRUE(fleet.time.run_until([&] {
    most = std::max(most, worker.service->in_hand());
    return fleet.settled(12);
  }));
  EXPECT_LE(most, 5U);
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

TEST(queue, a_drain_survives_as_pure_requeue_and_never_reaches_the_dead_letter_queue) {
  scenario fleet;
  fleet.queue_settings = "hold: 0s";
  fleet.max_receive_count = 10;
  fleet.start();

  fleet.scale_in_to(2);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }));
  EXPECT_EQ(fleet.lost_tasks(), 0U);
  EXPECT_TRUE(fleet.world.sqs().bodies(fleet.dead_letters()).empty());
  for (const auto& action : fleet.actions()) EXPECT_FALSE(action.timed_out);
}

TEST(queue, the_same_action_in_two_messages_is_one_piece_of_work) {
  scenario fleet;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.scale_in_to(3);
  for (const auto& body : fleet.world.sqs().bodies(fleet.queue_url())) fleet.world.sqs().send(fleet.queue_url(), body);

  fleet.start(worker);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(worker.logged("joined_work_in_hand").size(), 1U);
  EXPECT_EQ(fleet.actions().front().complete_calls, 1U);
}

TEST(queue, a_message_without_a_token_joins_the_work_with_the_same_names) {
  scenario fleet;
  fleet.furnish();
  fleet.deploy();
  auto& worker = fleet.add_worker();
  fleet.scale_in_to(3);
  auto body = fleet.terminate_body(fleet.actions().front().instance);
  const std::string token = R"("LifecycleActionToken":"7a5c0e1d-1111-4222-8333-444455556666",)";
  body.erase(body.find(token), token.size());
  fleet.world.sqs().send(fleet.queue_url(), body);

  fleet.start(worker);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  EXPECT_EQ(worker.logged("joined_work_in_hand").size(), 1U);
  EXPECT_EQ(fleet.actions().front().complete_calls, 1U);
}

TEST(queue, a_stop_gives_everything_back_with_a_heartbeat_and_another_worker_goes_on) {
  scenario fleet;
  fleet.furnish();
  fleet.deploy();
  auto& first = fleet.add_worker();
  auto& second = fleet.add_worker();
  fleet.start(first);
  fleet.scale_in_to(2);
  fleet.time.run_for(6s);
  ASSERT_EQ(first.service->in_hand(), 2U);

  const auto before = fleet.time.clock.now();
  EXPECT_TRUE(fleet.stop(first, 10s));

  EXPECT_LE(fleet.time.clock.now() - before, 4s + 300ms) << "the grace, and no wait for company after it";
  EXPECT_EQ(fleet.ended_actions(), 0U);
  EXPECT_EQ(fleet.world.sqs().counts(fleet.queue_url()).visible, 2U);
  for (const auto& action : fleet.actions()) EXPECT_GE(action.heartbeats.size(), 1U);
  fleet.start(second);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }));
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

TEST(queue, a_queue_is_held_against_the_longest_deadline_of_all_groups) {
  worded_scenario fleet(
      "  - {name: web, match: [\"web-*\"], hooks: [\"drain\"], deadline: 2h, terminating: [{wait: {for: 1s}}]}\n"
      "  - {name: api, match: [\"api-*\"], hooks: [\"drain\"], deadline: 5m, terminating: [{wait: {for: 1s}}]}\n");
  fleet.world.sqs().create_queue("lifecycle", {{"MessageRetentionPeriod", "3600"}});

  EXPECT_THROW(fleet.start_worded(), std::runtime_error);
}

TEST(queue, a_queue_that_forgets_sooner_than_the_deadline_is_refused) {
  scenario fleet;
  fleet.world.sqs().create_queue("lifecycle", {{"MessageRetentionPeriod", "600"}});
  auto& worker = fleet.add_worker();

  const auto checked = fleet.time.wait_for(worker.service->check_queues());

  ASSERT_TRUE(checked.has_error());
  EXPECT_EQ(checked.error().code(), errc::rejected);
  EXPECT_NE(checked.error().what().find("MessageRetentionPeriod"), std::string::npos);
}

}  // namespace
}  // namespace lifehook::test
