#include "handlers/hook_timer.h"

#include "handlers/deadline.h"

#include <algorithm>

namespace lifehook::handlers {

void hook_timer::learn(duration length) {
  length_ = length;
  is_known_ = true;
}

duration hook_timer::age(time_point now, const beginning& by) const {
  return last_set_ ? now - *last_set_ : by.event_age;
}

duration hook_timer::left(time_point now, const beginning& by) const {
  const auto ran = !last_set_ && by.came_before ? length_ / 2 : age(now, by);
  return std::clamp(length_ - ran, quarter(length_), length_);
}

std::optional<duration> hook_timer::until_end(time_point now, const beginning& by) const {
  if (!is_known_ || (!last_set_ && by.came_before)) return std::nullopt;
  return length_ - age(now, by);
}

}  // namespace lifehook::handlers
