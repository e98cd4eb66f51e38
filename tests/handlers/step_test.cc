#include "handlers/step.h"

#include "tests/handlers/fleet_stage.h"

#include <gtest/gtest.h>

namespace lifehook::handlers {
namespace {

using namespace std::chrono_literals;

// Replicas whose clocks differ name one event's notes alike.
TEST(step_context, an_event_that_does_not_say_when_it_happened_did_when_its_message_was_sent_by_the_clock_of_aws) {
  fleet_stage fleet;
  const event about;
  auto terms = fleet.terms();
  terms.clock_ahead = 70min;
  tenure keeps(terms);
  const group of;
  const step_context in(of, about, keeps, fleet.services, fleet.log, std::nullopt, false, "wait/1.1", 0);

  EXPECT_EQ(in.event_time(), terms.sent + 70min);
  EXPECT_EQ(in.happened(), terms.sent);
}

}  // namespace
}  // namespace lifehook::handlers
