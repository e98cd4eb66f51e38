#include "handlers/step.h"

#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

// Replicas whose clocks differ name one event's notes alike.
TEST(step_context, an_event_that_does_not_say_when_it_happened_did_when_its_message_was_sent_by_the_clock_of_aws) {
  fleet_stage fleet;
  auto terms = fleet.terms();
  terms.clock_ahead = 70min;
  tenure keeps(terms);
  const group of;
  const occasion on{fleet.services, of, std::make_shared<event>(), keeps, fleet.log};
  const step_name name{"wait", "wait/1.1"};
  const step_context in(on, name, std::nullopt, false);

  EXPECT_EQ(in.event_time(), terms.sent + 70min);
  EXPECT_EQ(in.happened(), terms.sent);
}

}  // namespace
}  // namespace lifehook::handlers
