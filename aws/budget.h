#pragma once

#include "aws/call_class.h"
#include "aws/call_rate.h"
#include "base/clock.h"
#include "base/signal.h"

#include <array>
#include <deque>
#include <memory>

namespace lifehook::aws {

// More calls that keep hooks open or end them than a family has room for.
struct overload {
  std::string_view family;
  double asked = 0;  // calls a second
  double allowed = 0;
};

// The turns of one family's calls: the most urgent first, in order among equals. What keeps a hook open or ends it
// never waits: it only leaves less to the others, a tenth of the rate at least, so that nobody waits for ever.
// Must outlive its waits.
class budget {
 public:
  budget(clock& time, call_limits of) : clock_(time), bucket_(of), next_(time) {}

  // Whether a call may leave at once; it then has left.
  bool take_now(urgency how);
  // Waits until the call may leave. A cancelled wait gives up its turn.
  task<> enter(urgency how);
  void throttled() { bucket_.throttled(clock_.uptime()); }
  void succeeded() { bucket_.succeeded(clock_.uptime()); }
  // Other limits from now on, also for who waits already.
  void change(call_limits to);
  std::size_t waiting() const { return waiting_; }
  // Calls a second that are left at present by what is more urgent, a tenth of all at least; nullopt: any number.
  std::optional<double> rate_for(urgency how) const;
  // What keeps hooks open or ends them has asked for more than there is, and for longer than a burst takes. Without its
  // family.
  std::optional<overload> overloaded() const;

 private:
  struct turn {  // lives as long as its wait
    turn(urgency as, loop_executor executor) : how(as), granted(std::move(executor)) {}
    urgency how;
    latch granted;
  };
  void take(urgency how, duration now);
  duration until_turn(duration now);
  void let_go();
  std::shared_ptr<turn> next_turn();

  clock& clock_;
  token_bucket bucket_;
  overdraft hooks_owe_;
  std::array<call_rate, 6> asked_;  // by urgency
  alarm next_;
  std::array<std::deque<std::weak_ptr<turn>>, 6> turns_;  // by urgency; one that has ended was given up
  std::size_t waiting_ = 0;
  duration last_turn_{0};
};

}  // namespace lifehook::aws
