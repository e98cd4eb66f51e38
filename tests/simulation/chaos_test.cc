#include "tests/simulation/scenario.h"
#include "tests/simulation/seeds.h"

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;
using simulator::fault_kind;

// Several replicas, duplicates, and every kind of fault for a while: whatever the seed, no hook is lost, none hangs,
// and no instance ends with work on it.
class chaos : public testing::TestWithParam<std::uint64_t> {};

TEST_P(chaos, every_hook_is_completed_by_a_call_and_no_task_is_lost) {
  scenario fleet(GetParam());
  fleet.instances = 12;
  fleet.heartbeat_timeout = 60s;
  fleet.world.sqs().duplicate(0.3);
  fleet.furnish();
  fleet.deploy(16);
  for (int i = 0; i < 3; ++i) fleet.start(fleet.add_worker());
  fleet.add_fault(fault_kind::throttle, "*", "*", 4min, 0.2);
  fleet.add_fault(fault_kind::server_error, "*", "*", 4min, 0.1);
  fleet.add_fault(fault_kind::reset, "*", "*", 4min, 0.05);

  fleet.scale_in_to(5);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(7); }));
  EXPECT_EQ(fleet.lost_tasks(), 0U);
  for (const auto& action : fleet.actions()) {
    EXPECT_FALSE(action.timed_out) << "seed " << GetParam() << " instance " << action.instance;
    EXPECT_EQ(action.result, "CONTINUE");
  }
  EXPECT_TRUE(fleet.world.sqs().bodies(fleet.dead_letters()).empty());
}

const auto seeds = seeds_or({1, 8});
INSTANTIATE_TEST_SUITE_P(seeds, chaos, testing::Range(seeds.first, seeds.last + 1));

}  // namespace
}  // namespace lifehook::test
