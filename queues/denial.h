#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <optional>
#include <utility>

namespace lifehook::queues {

// A call that AWS denies for want of a permission: known until one is taken, or for five minutes after the last that
// was not, when nothing has asked again.
class denial {
 public:
  void note(const error& why, duration uptime) {
    if (why.code() == errc::denied) last_.emplace(why, uptime);
  }
  void end() { last_.reset(); }
  const error* standing(duration uptime) const {  // null: none
    return last_ && uptime - last_->second < lasts ? &last_->first : nullptr;
  }

 private:
  static constexpr duration lasts = std::chrono::minutes(5);
  std::optional<std::pair<error, duration>> last_;
};

}  // namespace lifehook::queues
