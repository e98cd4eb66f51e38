#pragma once

#include "base/clock.h"

#include <string>

namespace lifehook::queues {

// How one queue is worked on, as the configuration says.
struct queue_settings {
  std::string url;
  unsigned pollers = 2;                            // 1..64 concurrent long polls
  std::size_t in_hand = 10'000;                    // 1..120000 messages held at once, all pollers together
  duration hold = std::chrono::hours(1);           // 0s..12h; the longest one worker keeps a message
  duration visibility = std::chrono::seconds(60);  // 10s..12h; until the hook's own timing is known
  std::string name{};                              // in logs and metrics; empty: as the url ends
};

}  // namespace lifehook::queues
