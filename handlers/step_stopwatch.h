#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace lifehook::handlers {

// How long a step has worked, of which its timeout is the limit. It stands while AWS does not answer: an outage is not
// the step's (rule 2). What it says can be noted, and gone on from on another machine.
class step_stopwatch {
 public:
  explicit step_stopwatch(time_point now) : began_(now), last_sign_(now) {}

  time_point began() const { return began_; }
  duration used() const { return used_; }  // up to the last sign
  time_point last_sign() const { return last_sign_; }
  duration used_until(time_point now) const { return stands_ ? used_ : used_ + (now - last_sign_); }
  void begin_anew(time_point now);                  // what came before was not the step's
  void go_on_after(duration used);                  // it had begun at an earlier receive, here or elsewhere
  void sign(time_point now);                        // AWS has answered, or a wait is over: what passed counts
  void stand() { stands_ = true; }                  // AWS does not answer: from the last sign on nothing counts
  void stood(time_point now) { last_sign_ = now; }  // until now; the next sign ends the outage

  // A note of it, and what that says later. nullopt: nothing.
  std::string text() const;
  static std::optional<duration> used_by(std::string_view text, time_point now);

 private:
  time_point began_;
  time_point last_sign_;
  duration used_{0};
  bool stands_ = false;
};

}  // namespace lifehook::handlers
