#include "tests/simulation/worded_scenario.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::test {
namespace {

using namespace std::chrono_literals;

std::string images_for_a_day(bool dry_run = false) {
  return fmt::format(
      "  - {{name: web, match: [web-*], hooks: [drain], deadline: 1h, "
      "terminating: [create_image: {{when: always, retain: {{age: 24h}}, dry_run: {}}}]}}\n",
      dry_run);
}

// One image was made, by a worker that is gone, and no other will be.
struct image_upkeep : worded_scenario {
  explicit image_upkeep(duration off = {}) : worded_scenario(images_for_a_day()) {
    clock_off = off;
    furnish();
    time.run_for(10s);
    auto& made_by = start_worded();
    scale_in_to(3);
    EXPECT_TRUE(time.run_until([this] { return settled(1); }));
    EXPECT_TRUE(stop(made_by));
  }
  long kept() {
    const auto& made = world.ec2().images();
    return std::count_if(made.begin(), made.end(), [](const auto& each) { return !each.deregistered; });
  }
};

TEST(image_upkeep, an_image_goes_when_it_is_old_enough_by_the_clock_that_dated_it) {
  for (const auto off : {0h, 40 * 24h, -40 * 24h}) {
    image_upkeep fleet(off);
    auto& worker = fleet.start_worded();

    fleet.time.run_for(20h);
    EXPECT_EQ(fleet.kept(), 1) << off.count();
    fleet.time.run_for(11h);

    EXPECT_EQ(fleet.kept(), 0) << off.count();
    EXPECT_EQ(worker.logged("image_removed").size(), 1U);
    EXPECT_TRUE(fleet.world.ec2().snapshots().empty());
  }
}

TEST(image_upkeep, stays_away_from_images_where_the_worker_or_its_step_runs_dry) {
  image_upkeep fleet;
  fleet.start(fleet.add_worded(true));
  fleet.work_on(images_for_a_day(true));
  fleet.start_worded();

  fleet.time.run_for(31h);

  EXPECT_EQ(fleet.kept(), 1);
}

}  // namespace
}  // namespace lifehook::test
