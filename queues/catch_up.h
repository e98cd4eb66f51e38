#pragma once

#include "base/clock.h"
#include "base/signal.h"

#include <deque>

namespace lifehook::queues {

// Where pollers wait until the loop keeps up. What is taken before that waits in the worker, out of reach of others,
// and the more wait together the less of it is still in the core's caches (docs/decisions/cpu.md). Owned by its queue.
class catch_up {
 public:
  catch_up(clock& time, loop_executor loop) : clock_(time), loop_(std::move(loop)) {}

  // Ends when the loop gives a turn within half a millisecond, or at the first turn after 50 ms, so that nobody is kept
  // by a loop that never does. Those who wait go on one after the other, a turn apart, so that their answers, of
  // equally many messages after equally long, do not come at once.
  task<> wait();

 private:
  task<> turns(duration began);

  clock& clock_;
  loop_executor loop_;
  bool is_looking_ = false;  // the first of the line
  std::deque<latch*> line_;  // behind it
};

}  // namespace lifehook::queues
