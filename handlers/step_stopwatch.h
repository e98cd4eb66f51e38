#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace lifehook::handlers {

// How long a step has worked, of which its timeout is the limit. It stands while AWS does not answer: an outage is not
// the step's (rule 2). By uptime: a wall clock may step. What it says can be noted, and gone on from on another
// machine, by AWS's clock, which is the same for all.
class step_stopwatch {
 public:
  step_stopwatch(duration uptime, time_point by_aws) : began_(uptime), last_sign_(uptime), zero_(by_aws - uptime) {}

  duration began() const { return began_; }
  duration used() const { return used_; }  // up to the last sign
  duration last_sign() const { return last_sign_; }
  duration used_until(duration uptime) const { return stands_ ? used_ : used_ + (uptime - last_sign_); }
  void begin_anew(duration uptime);                     // what came before was not the step's
  void go_on_after(duration used);                      // it had begun at an earlier receive, here or elsewhere
  void sign(duration uptime);                           // AWS has answered, or a wait is over: what passed counts
  void stand() { stands_ = true; }                      // AWS does not answer: from the last sign on nothing counts
  void stood(duration uptime) { last_sign_ = uptime; }  // until now; the next sign ends the outage

  // A note of it, and what that says later. nullopt: nothing.
  std::string text() const;
  static std::optional<duration> used_by(std::string_view text, time_point by_aws);

 private:
  duration began_;
  duration last_sign_;
  time_point zero_;  // when the uptime was zero, by AWS's clock
  duration used_{0};
  bool stands_ = false;
};

}  // namespace lifehook::handlers
