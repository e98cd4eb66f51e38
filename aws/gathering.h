#pragma once

#include "aws/token_bucket.h"
#include "base/clock.h"

#include <cstddef>
#include <functional>

namespace lifehook::aws {

// How questions gather into calls.
struct pace {
  std::size_t most = 1;       // questions a call carries
  duration patience{0};       // how long a question waits for company while a call is in flight
  double burst = 0;           // calls a second that may leave less than full; 0: any number
  duration busy_patience{0};  // how long questions gather once those are used up, or while calls are to be saved
};

// When the questions of one coalescer (coalescer.h) leave, by their number alone.
class gathering {
 public:
  // to_spare: whether there is room for calls that are less than full; empty: always.
  gathering(clock& time, pace at, std::function<bool()> to_spare);
  gathering(const gathering&) = delete;
  gathering& operator=(const gathering&) = delete;

 protected:
  ~gathering() = default;
  // What gathers leaves, and says `left`, unless nothing gathers. Called by `asked` and `answered`, and when patience
  // ends.
  virtual void leave() = 0;

  void asked(std::size_t gathered);  // so many gather now, the last one has just come
  void left(std::size_t together);   // in a call
  void answered();                   // that call

 private:
  bool may_leave() { return unfilled_.until_free(clock_.uptime()) == duration::zero(); }  // less than full
  bool has_to_spare() const { return !to_spare_ || to_spare_(); }
  std::size_t most_in_flight() const;

  clock& clock_;
  pace pace_;
  std::function<bool()> to_spare_;
  alarm impatience_;
  token_bucket unfilled_;
  std::size_t in_flight_ = 0;
};

}  // namespace lifehook::aws
