#pragma once

#include "base/clock.h"

#include <random>

namespace lifehook {

// Injected everywhere randomness is wanted, so that a seed replays a run.
using random_source = std::mt19937_64;

struct backoff_limits {
  duration base;
  duration cap;
};

// Full jitter: uniform in [0, min(base * 2^attempt, cap)]; attempt counts from 0.
duration full_jitter(backoff_limits limits, unsigned attempt, random_source& random);

// Whether a failed attempt is worth a line of the log: the first three, then ever fewer (the fifth, the ninth...;
// `attempt` counts from 0). Hundreds of hooks wait out one outage.
bool is_worth_saying(unsigned attempt);

// `mean` spread by +-`share` (0..1), so that what began together does not stay together.
duration spread(duration mean, double share, random_source& random);

}  // namespace lifehook
