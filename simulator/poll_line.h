#pragma once

#include "base/clock.h"
#include "base/signal.h"

#include <list>

namespace lifehook::simulator {

// The long polls that wait at one queue, first come first woken. A wake carries no meaning: who is woken looks again.
// A cancelled wait throws operation_aborted and leaves the line. Must outlive its waiters.
class poll_line {
 public:
  enum class woken { by_call, by_time };

  poll_line(loop_executor executor, clock& time) : executor_(std::move(executor)), clock_(time) {}

  task<woken> wait(duration limit);
  void wake_first();
  void wake_all();
  bool empty() const { return waiting_.empty(); }

 private:
  struct place;

  loop_executor executor_;
  clock& clock_;
  std::list<place*> waiting_;
};

}  // namespace lifehook::simulator
