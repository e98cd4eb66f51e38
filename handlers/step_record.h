#pragma once

#include "base/error.h"
#include "handlers/outcome.h"
#include "handlers/step.h"
#include "handlers/step_times.h"

#include <string_view>

namespace lifehook::handlers {

// Counts and logs the end of a step's run, once, also when the deadline ends it in the middle of a wait, and says how
// its time stands. Made when it is needed: thousands of steps run at once.
class step_record {
 public:
  step_record(step_context& of, tenure& keeps, step_time time, std::string_view step)
      : context_(of), tenure_(keeps), time_(time), step_(step) {}

  // What the run is said to have ended with.
  outcome end(const result<outcome>& ran);
  // It was given up. A step whose message is requeued has not ended: its time is left for the next receive.
  void cut_short();

 private:
  outcome end_with(const error& why);
  outcome would_hold(const error& why);
  void write(outcome end, std::string_view why);

  step_context& context_;
  tenure& tenure_;
  step_time time_;
  std::string_view step_;
};

}  // namespace lifehook::handlers
