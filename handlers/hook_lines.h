#pragma once

#include "base/clock.h"
#include "handlers/turnstile.h"

#include <chrono>

namespace lifehook::handlers {

// The lines in which hooks wait for their turn when the calls of thousands are due at once: who stands in a line needs
// no coroutine. One of each for the program.
struct hook_lines {
  explicit hook_lines(clock& time)
      : beats(time, {200, std::chrono::seconds(10)}), proofs(time, {1000, std::chrono::seconds(30)}) {}

  // The limit on looks of all drains together. Each group's stand in a line of their own, so that the looks which leave
  // as one call are about one cluster.
  turnstile::common looks{8000};
  turnstile beats;   // heartbeats: fewer than calls may be in flight to a service, so that others get through
  turnstile proofs;  // looks for a proof, fifty to a call: enough to fill the calls that Auto Scaling allows
};

}  // namespace lifehook::handlers
