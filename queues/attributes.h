#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::queues {

// What the worker reads of a queue at start, and again for its gauges.
struct queue_attributes {
  std::string arn;
  std::string policy;   // JSON; empty: only its own account sends, by identities
  std::string kms_key;  // empty: encrypted by SQS itself, or not at all
  bool fifo = false;
  duration retention = std::chrono::hours(96);
  duration delay{0};               // of each message, before it can be received
  unsigned max_receive_count = 0;  // 0: no redrive policy
  double visible = 0, in_flight = 0, delayed = 0;
};

queue_attributes read_attributes(const std::map<std::string, std::string>& by_name);

struct finding {
  bool refuses = false;  // the worker must not start on such a queue; otherwise a warning
  std::string text;      // what is wrong and what to change
};

// A FIFO queue, which no hook can feed, or a retention shorter than the longest `deadline`, which loses messages whose
// hooks are open, is refused; no redrive policy, a small maxReceiveCount, a delay, or a key that no service may use is
// warned of.
std::vector<finding> check(const queue_attributes& of, duration deadline);

// What becomes of a message that nobody settles. nullopt: the redrive policy could not be read; 0: there is none.
std::string end_of_unsettled(std::optional<unsigned> max_receive_count);

// What somebody should do where AWS does not answer for a queue.
std::string_view advice_on(const error& why);

}  // namespace lifehook::queues
