#include "tests/simulation/seeds.h"
#include "tests/simulation/storm_fleet.h"

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

class storm : public testing::TestWithParam<std::uint64_t> {};

TEST_P(storm, leaves_no_hook_no_task_and_no_worker_behind) {
  storm_fleet fleet(GetParam());

  fleet.rage(20min);

  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.quiet(); }, 2h)) << "a hook or a message hangs";
  fleet.time.run_for(6min);  // what was set off launches and ends instances still
  const auto idle = [&] { return fleet.quiet() && fleet.in_hand() == 0; };
  ASSERT_TRUE(fleet.time.run_until(idle, 10min)) << "a worker has in hand what has ended";
  const auto told = fleet.tokens_told();
  for (const auto& each : fleet.actions()) {
    EXPECT_TRUE(!each.timed_out || fleet.had_a_reason(each)) << each.hook << ' ' << each.token;
    EXPECT_TRUE(told.contains(each.token.substr(0, 8))) << each.hook << ' ' << each.token;
  }
  EXPECT_EQ(fleet.lost_without_reason(), 0U);
  // Of two copies of one id only one at a time is extended.
  EXPECT_TRUE(fleet.comes_twice() || fleet.world.sqs().bodies(fleet.dead_letters()).empty());
  EXPECT_EQ(fleet.words("bug"), 0U);
  EXPECT_LE(fleet.most_calls_in(5min), 300U) << "of a worker with nothing to do";
  EXPECT_TRUE(fleet.stop_all());
}

const auto seeds = seeds_or({1, 3});
INSTANTIATE_TEST_SUITE_P(seeds, storm, testing::Range(seeds.first, seeds.last + 1));

}  // namespace
}  // namespace lifehook::test
