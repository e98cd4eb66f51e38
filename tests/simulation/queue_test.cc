#include "tests/simulation/scenario.h"

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
  fleet.world.sqs().send(fleet.queue_url(), fleet.terminate_body("i-0a1b2c3d4e5f60718", "web-fleet", "ecs-managed-draining-termination-hook"));

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

TEST(queue, a_message_that_comes_twice_is_one_piece_of_work) {
  scenario fleet;
  fleet.world.sqs().duplicate(1.0);
  fleet.start();

  fleet.scale_in_to(2);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }));
  for (const auto& action : fleet.actions()) EXPECT_EQ(action.complete_calls, 1U);
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

  EXPECT_LE(fleet.time.clock.now() - before, 10s);
  EXPECT_EQ(fleet.ended_actions(), 0U);
  EXPECT_EQ(fleet.world.sqs().counts(fleet.queue_url()).visible, 2U);
  for (const auto& action : fleet.actions()) EXPECT_GE(action.heartbeats.size(), 1U);
  fleet.start(second);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(2); }));
  EXPECT_EQ(fleet.lost_tasks(), 0U);
}

TEST(queue, a_fifo_queue_is_refused) {
  scenario fleet;
  fleet.furnish();
  auto& worker = fleet.add_worker();
  fleet.world.sqs().create_queue("other", {{"MessageRetentionPeriod", "60"}});
  (void)worker;
  fleet.queue_settings = "";

  scenario shorter;
  shorter.world.sqs().create_queue("lifecycle", {{"MessageRetentionPeriod", "600"}});
  auto& refused = shorter.add_worker();
  const auto checked = shorter.time.wait_for(refused.service->check_queues());

  ASSERT_TRUE(checked.has_error());
  EXPECT_EQ(checked.error().code, errc::rejected);
  EXPECT_NE(checked.error().what.find("MessageRetentionPeriod"), std::string::npos);
}

}  // namespace
}  // namespace lifehook::test
