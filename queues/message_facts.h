#pragma once

#include "base/clock.h"

namespace lifehook::queues {

// What SQS says of a message beside its body. How it is kept and given back is the queue's business.
struct message_facts {
  time_point sent;            // as all times here by our clock, though SQS has stamped it
  time_point first_received;  // by anyone: survives requeue and replicas
  time_point received;        // by this worker, this time
  unsigned receive_count = 1;
  duration clock_ahead{0};  // AWS's of ours: for the times in the body
};

}  // namespace lifehook::queues
