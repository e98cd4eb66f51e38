#pragma once

#include "handlers/event.h"

#include <map>
#include <optional>
#include <queue>
#include <string>

namespace lifehook::handlers {

// Events that no group of this worker's configuration answers, but perhaps one of another worker's does: while a
// deployment adds a group, or takes one back, workers with the old and the new configuration receive from one queue. A
// hook's or an interruption's message is therefore put back a few times, first after a short while, then after longer
// ones, before it is taken to be nobody's. Pure, but for what it remembers: ten thousand events at most; what comes on
// top is nobody's at once.
class foreign_events {
 public:
  // `keep`: for how long after it was first seen here. 0: never.
  explicit foreign_events(duration keep) : keep_(keep) {}

  struct sight {
    duration now;              // uptime
    duration age;              // of the event
    bool came_before = false;  // in another's hand, or in ours
  };
  // How long the message is to wait in the queue before it comes again; nullopt: it is nobody's. So is one that nobody
  // received before and that is older than `keep`: it has waited in the queue, not come in the midst of a deployment.
  std::optional<duration> put_back(const event& about, const sight& of);

 private:
  void forget_old(duration now);

  using sightings = std::map<std::string, duration>;

  duration keep_;
  sightings first_seen_;
  std::queue<sightings::iterator> in_order_;  // the oldest first
};

// For how long a message that is nobody's is put back, where it may be put back so often. Pure.
duration foreign_for(unsigned times, duration keep);

}  // namespace lifehook::handlers
