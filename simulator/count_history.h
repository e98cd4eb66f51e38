#pragma once

#include "base/clock.h"
#include "simulator/sqs.h"

#include <deque>

namespace lifehook::simulator {

// What a queue held when, so that its counts can be told late. Keeps what the longest lag needs: nothing while there is
// none.
class count_history {
 public:
  // Of what happened until `when`; in order of time.
  void note(const queue_counts& held, time_point when, const count_lags& lags);
  // Each count as it was its own lag before `when`; `held`: what the queue holds then.
  queue_counts told(const queue_counts& held, time_point when, const count_lags& lags) const;

 private:
  struct entry {
    time_point since;
    queue_counts held;
  };
  const queue_counts& at(time_point when, const queue_counts& otherwise) const;

  std::deque<entry> past_;
};

}  // namespace lifehook::simulator
