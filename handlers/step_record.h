#pragma once

#include "base/error.h"
#include "handlers/outcome.h"
#include "handlers/step.h"
#include "handlers/step_times.h"

#include <string>
#include <string_view>

namespace lifehook::handlers {

// Counts and logs the end of a step's run once, also when the deadline ends it in the middle of a wait, and says how
// its time stands. A step whose message is requeued has not ended: its time is left for the next receive.
class step_record {
 public:
  step_record(step_context& of, tenure& keeps, step_time& time, const std::string& step)
      : context_(of), tenure_(keeps), time_(time), step_(step) {}
  ~step_record() {
    if (!written_) cut_short();
  }
  step_record(const step_record&) = delete;
  step_record& operator=(const step_record&) = delete;

  // What the run is said to have ended with.
  outcome end(const result<outcome>& ran);

 private:
  outcome end_with(const error& why);
  outcome would_hold(const error& why);
  void cut_short();
  void write(outcome end, std::string_view why);

  step_context& context_;
  tenure& tenure_;
  step_time& time_;
  const std::string& step_;
  bool written_ = false;
};

}  // namespace lifehook::handlers
