#include "tests/simulation/worded_scenario.h"

#include <algorithm>

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view for_a_day =
    "  - {name: web, match: [web-*], hooks: [drain], deadline: 1h, "
    "terminating: [create_image: {when: always, retain: {age: 24h}}]}\n";

TEST(image_upkeep, an_image_goes_when_it_is_old_enough_though_none_is_made_after_it_and_its_worker_is_gone) {
  worded_scenario fleet{std::string(for_a_day)};
  fleet.furnish();
  fleet.time.run_for(10s);
  auto& made_by = fleet.start_worded();
  fleet.scale_in_to(3);
  ASSERT_TRUE(fleet.time.run_until([&] { return fleet.settled(1); }));
  ASSERT_TRUE(fleet.stop(made_by));
  auto& worker = fleet.start_worded();
  const auto kept = [&fleet] {
    const auto& made = fleet.world.ec2().images();
    return std::count_if(made.begin(), made.end(), [](const auto& each) { return !each.deregistered; });
  };

  fleet.time.run_for(20h);
  EXPECT_EQ(kept(), 1);
  fleet.time.run_for(11h);

  EXPECT_EQ(kept(), 0);
  EXPECT_EQ(worker.logged("image_removed").size(), 1U);
  EXPECT_TRUE(fleet.world.ec2().snapshots().empty());
}

}  // namespace
}  // namespace lifehook::test
