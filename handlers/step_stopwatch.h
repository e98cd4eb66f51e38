#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace lifehook::handlers {

// How long a step has worked, of which its timeout is the limit. It is stopped while AWS does not answer: an outage
// is not the step's (rule 2). By uptime: a wall clock may step. What it says can be noted, and gone on from on another
// machine, by AWS's clock, which is the same for all.
class step_stopwatch {
 public:
  step_stopwatch(duration uptime, time_point by_aws) : began_(uptime), reckoned_to_(uptime), zero_(by_aws - uptime) {}

  duration began() const { return began_; }
  duration used() const { return used_; }                // of what has been reckoned
  duration reckoned_to() const { return reckoned_to_; }  // until then the time was counted, or left out
  duration used_until(duration uptime) const { return is_stopped_ ? used_ : used_ + (uptime - reckoned_to_); }
  void begin_anew(duration uptime);             // what came before was not the step's
  void go_on_after(duration used);              // it had begun at an earlier receive, here or elsewhere
  void count_to(duration uptime);               // AWS has answered, or a wait is over: what passed counts
  void stop_counting() { is_stopped_ = true; }  // AWS does not answer: not before the next count_to
  void leave_out_until(duration uptime) { reckoned_to_ = uptime; }  // what passed was an outage's, or its turn's

  // A note of it, and what that says later. nullopt: nothing.
  std::string text() const;
  static std::optional<duration> used_by(std::string_view text, time_point by_aws);

 private:
  duration began_;
  duration reckoned_to_;
  time_point zero_;  // when the uptime was zero, by AWS's clock
  duration used_{0};
  bool is_stopped_ = false;
};

}  // namespace lifehook::handlers
