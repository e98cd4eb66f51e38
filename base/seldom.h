#pragma once

#include "base/clock.h"

#include <optional>

namespace lifehook {

// What is to be said, or done, at most once in so long.
class seldom {
 public:
  explicit seldom(duration every) : every_(every) {}

  // True the first time, and then once so long has passed since it last was. `now`: in uptime.
  bool is_due(duration now) {
    if (last_ && now - *last_ < every_) return false;
    last_ = now;
    return true;
  }
  bool was_due() const { return last_.has_value(); }  // since the beginning, or the last reset
  void reset() { last_.reset(); }                     // as if it had never been

 private:
  duration every_;
  std::optional<duration> last_;
};

}  // namespace lifehook
