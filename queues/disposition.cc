#include "queues/disposition.h"

namespace lifehook::queues {

std::string_view name(disposition of) {
  switch (of) {
    case disposition::remove: return "remove";
    case disposition::requeue: return "requeue";
    case disposition::retry: return "retry";
    case disposition::leave: return "leave";
  }
  return "leave";
}

bool may_requeue(unsigned receive_count, unsigned max_receive_count) {
  return max_receive_count == 0 || receive_count * 2 < max_receive_count;
}

duration retry_delay(unsigned receive_count, duration cap, random_source& random) {
  return full_jitter({std::chrono::seconds(1), cap}, receive_count, random);
}

}  // namespace lifehook::queues
