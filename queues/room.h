#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/signal.h"

#include <cstddef>
#include <optional>
#include <string>

namespace lifehook {
struct metrics;  // base/metrics.h
}

namespace lifehook::queues {

// The room of one queue for what is in hand: how many messages may be received, and who waits to receive. Time without
// room is counted, and warned of at most once a minute: more messages may wait than this worker takes. Owned by its
// queue, which notes how many are in hand after every change.
class room {
 public:
  room(clock& time, loop_executor executor, metrics& counts, logger log, std::string queue, std::size_t limit);

  // How many may be received now, 0..10. Reserved until they are given back: what came of them is then noted.
  unsigned reserve();
  void give_back(unsigned reserved) { reserved_ -= reserved; }
  task<> wait() { return changed_.wait(); }  // until something left the hand, or it is closed
  void note(std::size_t in_hand);
  void close();       // of a worker that stops: nobody waits for room any more
  void count_full();  // up to now: before the metric is read

 private:
  void look();
  void warn_full();

  clock& clock_;
  metrics& metrics_;
  logger log_;
  std::string queue_;
  std::size_t limit_;
  std::size_t in_hand_ = 0;
  std::size_t reserved_ = 0;
  bool closed_ = false;
  signal changed_;
  std::optional<duration> full_since_;  // in uptime; counted up to there
  duration next_warning_{0};            // in uptime
  alarm warning_;
};

}  // namespace lifehook::queues
