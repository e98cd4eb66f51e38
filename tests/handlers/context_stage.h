#pragma once

#include "handlers/step.h"
#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace lifehook::handlers {

// The world as a step sees it that runs for an instance of the fleet which is to end.
struct context_stage : testing::Test {
  context_stage() {
    fleet.furnish(1, std::chrono::hours(1));
    about = fleet.begin_termination();
    on.emplace(occasion{fleet.services, of, about, keeps, fleet.log});
    in = std::make_unique<step_context>(*on, name, std::nullopt, false);
  }
  std::string container_instance() {
    return fleet.time.wait_for(fleet.ecs.usual.find_container_instances("prod", {about->instance})).value().front();
  }
  std::string run_a_standalone_task() {
    auto arn = fleet.world.ecs().run_task("prod", "report", about->instance);
    fleet.time.run_for(std::chrono::seconds(10));
    return arn;
  }
  ecs_cluster_view& prod() { return fleet.clusters.of("prod"); }

  fleet_stage fleet;
  std::shared_ptr<event> about;
  tenure keeps{fleet.terms()};
  group of;
  std::optional<occasion> on;
  step_name name{"a step", "a step/1.1"};
  std::unique_ptr<step_context> in;
};

}  // namespace lifehook::handlers
