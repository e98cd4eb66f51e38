#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "handlers/tenure.h"
#include "handlers/verdict.h"

#include <optional>

namespace lifehook::handlers {

struct standing;

// One event in hand. Lives for one delivery.
struct event_action {
  virtual ~event_action() = default;
  // Until its message may be settled. nullopt: it rests. To be called again once the tenure's rest is over, or it was
  // woken.
  virtual task<std::optional<verdict>> attend() = 0;
  // What it alone knows of how it stands.
  virtual void tell(standing& into) const = 0;
};

// Waits a rest out here, unless it is woken.
task<> rest_here(clock& time, tenure& keeps);
// Attends it to its end, resting here.
task<verdict> attend_to_end(event_action& action, clock& time, tenure& keeps);

}  // namespace lifehook::handlers
