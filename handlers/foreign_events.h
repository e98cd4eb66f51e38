#pragma once

#include "handlers/event.h"

#include <map>
#include <optional>
#include <queue>
#include <string>

namespace lifehook::handlers {

// Events that this worker's configuration has nobody for, but perhaps another's has: while a deployment adds a group,
// or takes one back, workers of both configurations receive from one queue. A hook's or an interruption's message is
// therefore put back a few times, sooner at first, before it is nobody's. Pure, but for what it remembers: ten thousand
// events at most; what comes on top is nobody's at once.
class foreign_events {
 public:
  // `keep`: for how long after it was first seen here. 0: never.
  explicit foreign_events(duration keep) : keep_(keep) {}

  struct sight {
    duration now;              // uptime
    duration age;              // of the event
    bool came_before = false;  // in another's hand, or in ours
  };
  // How long the message is to wait in the queue before it comes again; nullopt: it is nobody's. One that was in no
  // hand before and is older than `keep` is an old message, and not of a deployment.
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
