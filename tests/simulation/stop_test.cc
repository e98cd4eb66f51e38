#include "tests/simulation/worded_scenario.h"

#include <gmock/gmock.h>

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

constexpr std::string_view one_image =
    "  - {name: web, match: [web-*], hooks: [drain], deadline: 1h, "
    "terminating: [create_image: {when: always, retain: {count: 1}}]}\n";

// A worker that has made a second image: the first, and its snapshot, are to go beside its hooks.
struct stopping_while_images_go : testing::Test {
  stopping_while_images_go() {
    fleet.furnish();
    fleet.time.run_for(10s);
    worker = &fleet.start_worded();
  }
  // Of a call that only the removal makes.
  void delay(const std::string& action, duration by) {
    const auto now = fleet.time.clock.now();
    fleet.world.faults().add({simulator::fault_kind::delay, "ec2", action, 1.0, now, now + 1h, by});
  }
  void make_two_images() {
    for (const auto desired : {3, 2}) {
      fleet.scale_in_to(desired);
      ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(static_cast<std::size_t>(4 - desired)); }));
    }
  }

  worded_scenario fleet{std::string(one_image)};
  replica* worker = nullptr;
};

TEST_F(stopping_while_images_go, a_look_at_old_images_does_not_keep_a_worker_from_its_end) {
  delay("DescribeSnapshots", 1min);
  make_two_images();
  const auto before = fleet.time.clock.now();

  EXPECT_TRUE(fleet.stop(*worker));

  EXPECT_LE(fleet.time.clock.now() - before, 1s);
  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(2));
}

TEST_F(stopping_while_images_go, a_removal_that_was_begun_is_ended_with_its_snapshot) {
  delay("DeregisterImage", 1s);
  const auto now = fleet.time.clock.now();
  fleet.world.faults().add({simulator::fault_kind::access_denied, "ec2", "DeleteSnapshot", 1.0, now, now + 1h, {}});
  make_two_images();
  ASSERT_THAT(fleet.world.ec2().snapshots(), SizeIs(2)) << "AWS may not delete it with its image";
  fleet.world.faults().clear();

  EXPECT_TRUE(fleet.stop(*worker));

  EXPECT_THAT(fleet.world.ec2().snapshots(), SizeIs(1));
}

// The looks under way end by themselves, when AWS answers or the process ends: no message waits for them.
TEST(stop, gives_every_message_back_with_a_heartbeat_at_the_end_of_its_grace_however_late_ecs_answers) {
  for (const auto late : {9s, 15s, 60s}) {
    scenario fleet;
    fleet.heartbeat_timeout = 60s;
    fleet.furnish();
    fleet.deploy();
    auto& worker = fleet.add_worker();
    fleet.start(worker);
    fleet.scale_in_to(0);
    fleet.time.run_for(12s);
    const auto now = fleet.time.clock.now();
    fleet.world.faults().add({simulator::fault_kind::delay, "ecs", "*", 1.0, now, now + 1min, late});
    fleet.time.run_for(3s);
    const auto beats = fleet.calls("autoscaling.RecordLifecycleActionHeartbeat");
    std::size_t visible = 0;
    alarm look(fleet.time.clock);
    look.set(11s, [&] { visible = fleet.world.sqs().counts(fleet.queue_url()).visible; });

    const bool all_ended = fleet.time.wait_for(worker.service->stop(25s));

    EXPECT_EQ(visible, 4U) << late.count();
    EXPECT_EQ(fleet.calls("autoscaling.RecordLifecycleActionHeartbeat") - beats, 4U);
    EXPECT_EQ(worker.logged("stopped").front().at("left_behind").as_int64(), 0);
    EXPECT_EQ(all_ended, late < 10s) << "the process ends all the same";
    EXPECT_EQ(fleet.ended_actions(), 0U);
    fleet.time.run_for(3min);  // a process that goes on would unwind it now
    worker.service.reset();
  }
}

}  // namespace
}  // namespace lifehook::test
