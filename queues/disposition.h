#pragma once

#include "base/backoff.h"
#include "base/clock.h"

#include <string_view>

namespace lifehook::queues {

// How a message leaves our hands.
enum class disposition {
  remove,   // deleted: completed, over, done, or ignored
  requeue,  // visible again after a delay: not finished, and this worker should not keep it
  retry,    // visible again after a backoff: AWS did not answer before we knew what it is
  leave,    // untouched: malformed; redrive carries it to the dead-letter queue
};

std::string_view name(disposition of);

struct settlement {
  disposition how = disposition::leave;
  duration delay{0};  // of requeue and retry; rounded up to whole seconds on the wire
};

// Requeues of choice stop at half of maxReceiveCount (0: no redrive policy), so that work never reaches the dead-letter
// queue because it takes long.
bool may_requeue(unsigned receive_count, unsigned max_receive_count);

// Full jitter: up to 2 s at the first receive, doubling with each up to `cap`.
duration retry_delay(unsigned receive_count, duration cap, random_source& random);

}  // namespace lifehook::queues
