#pragma once

#include "base/clock.h"
#include "handlers/turnstile.h"

#include <chrono>

namespace lifehook::handlers {

// In which hooks stand whose calls are due at once: thousands that wait for a call in a line cost no coroutine each.
// One of each for the program.
struct hook_lines {
  explicit hook_lines(clock& time)
      : beats(time, {200, std::chrono::seconds(10)}), proofs(time, {1000, std::chrono::seconds(30)}) {}

  // Of drains in all: each group's stand in a line of their own, so that a call is about one cluster.
  turnstile::common looks{8000};
  turnstile beats;   // some less than may be in flight to a service, so that other calls get through
  turnstile proofs;  // looks that are shared by fifty hooks: enough to fill the calls that Auto Scaling allows
};

}  // namespace lifehook::handlers
