#include "handlers/track_current_group.h"

#include "tests/handlers/step_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

struct track_current_group_test : testing::Test {
  outcome launch(const std::string& group, duration ago, place destination = place::scaling_group) {
    event about;
    about.kind = event_kind::launching;
    about.time = fleet.time.clock.now() - ago;
    about.group = group;
    about.instance = "i-0000000000000abcd";
    about.destination = destination;
    return fleet.run(plan_of("track_current_group"), about).value();
  }
  std::string current() { return fleet.time.wait_for(fleet.state->turns("web")).value().front().scaling_group; }

  step_stage fleet;
};

TEST_F(track_current_group_test, the_newest_launch_wins_in_whatever_order_it_is_told) {
  EXPECT_EQ(launch("web-2", 1min), outcome::done);
  EXPECT_EQ(launch("web-1", 2min), outcome::skipped);
  EXPECT_EQ(current(), "web-2");

  EXPECT_EQ(launch("web-1", 30s), outcome::done) << "a rollback";
  EXPECT_EQ(current(), "web-1");
}

TEST_F(track_current_group_test, told_twice_is_told_once) {
  EXPECT_EQ(launch("web-1", 1min), outcome::done);
  EXPECT_EQ(launch("web-1", 1min), outcome::done);
  EXPECT_EQ(fleet.time.wait_for(fleet.state->turns("web")).value().size(), 1U);
}

TEST_F(track_current_group_test, a_launch_into_a_warm_pool_does_not_serve_yet) {
  launch("web-1", 2min);

  EXPECT_EQ(launch("web-2", 1min, place::warm_pool), outcome::skipped);
  EXPECT_EQ(current(), "web-1");
}

TEST_F(track_current_group_test, each_service_has_its_own) {
  launch("web-1", 1min);
  fleet.service.name = "api";
  launch("api-1", 30s);

  EXPECT_EQ(current(), "web-1");
}

}  // namespace
}  // namespace lifehook::handlers
