#pragma once

#include "aws/call_class.h"
#include "base/clock.h"
#include "base/signal.h"

#include <array>
#include <deque>
#include <memory>

namespace lifehook::aws {

// The turns of one family's calls: the most urgent first, in order among equals. What keeps a hook open or ends it
// never waits: it only leaves less to the others. Must outlive its waits.
class budget {
 public:
  budget(clock& time, call_limits of) : clock_(time), bucket_(of), next_(time) {}

  // Whether a call may leave at once; it then has left.
  bool take_now(urgency how);
  // Waits until the call may leave. A cancelled wait gives up its turn.
  task<> enter(urgency how);
  void throttled() { bucket_.throttled(clock_.uptime()); }
  void succeeded() { bucket_.succeeded(clock_.uptime()); }
  std::size_t waiting() const { return waiting_; }

 private:
  struct turn {
    explicit turn(asio::any_io_executor executor) : granted(std::move(executor)) {}
    latch granted;
    bool given_up = false;
  };
  void let_go();
  std::shared_ptr<turn> next_turn();

  clock& clock_;
  token_bucket bucket_;
  alarm next_;
  std::array<std::deque<std::shared_ptr<turn>>, 6> turns_;
  std::size_t waiting_ = 0;
};

}  // namespace lifehook::aws
