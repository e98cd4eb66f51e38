#pragma once

#include "handlers/open_waits.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lifehook::worker {

// One look at what waits.
struct wait_look {
  duration when;                           // uptime
  std::vector<handlers::open_wait> waits;  // that this worker has not in hand
  std::size_t in_hand = 0;                 // waits that it has
  double messages = 0;                     // of any kind in its queues, in whoever's hand
};

// Tells, look by look, which lifecycle actions wait though no message speaks of them. Pure. AWS lists no messages, so
// it goes by numbers: while there are as many messages as waits, each wait may have its own, in another worker's hand
// or still in the queue. Where there are fewer, over `after` (at most half of the hook's heartbeat timeout), the waits
// that this worker does not know are suspects. One that has waited for longer than its heartbeat timeout is none:
// somebody keeps it open.
class orphan_sightings {
 public:
  explicit orphan_sightings(duration after) : after_(after) {}

  // The suspects of this look. Each comes again at the next one, until it is settled or gone.
  std::vector<handlers::open_wait> suspects(const wait_look& seen);
  // Nothing is to be done about this wait any more, as long as it lasts.
  void settle(const handlers::event& about);
  // Until the next look: soon enough for the shortest hook that was ever seen to wait.
  duration pause() const;

 private:
  using key = std::pair<std::string, std::string>;  // instance, hook
  struct sighting {
    duration since;
    bool is_settled = false;
  };
  duration patience(const handlers::open_wait& with) const;
  void update(const wait_look& seen);

  duration after_;
  std::map<key, sighting> sightings_;
  std::optional<duration> short_since_;  // fewer messages than waits
  std::chrono::seconds shortest_{3600};  // heartbeat timeout seen
};

}  // namespace lifehook::worker
