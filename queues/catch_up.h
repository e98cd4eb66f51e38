#pragma once

#include "base/clock.h"

namespace lifehook::queues {

// Ends when the loop keeps up: when what it is given has its turn within half a millisecond; after 50 ms at the latest,
// so that nobody is kept waiting by a loop that never does. A poller that takes more before that gains nothing: what it
// takes waits here, out of reach of other workers, and all that waits together does not fit the core's caches (measured
// in docs/decisions/cpu.md).
task<> catch_up(clock& time, loop_executor loop);

}  // namespace lifehook::queues
