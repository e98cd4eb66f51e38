#include "handlers/step_stopwatch.h"

#include "base/time_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::handlers {

void step_stopwatch::begin_anew(duration uptime) { began_ = reckoned_to_ = uptime; }

void step_stopwatch::go_on_after(duration used) { used_ = used; }

void step_stopwatch::count_to(duration uptime) {
  used_ += uptime - reckoned_to_;
  reckoned_to_ = uptime;
  is_stopped_ = false;
}

// One that runs is told by when it began: time in the queue counts.
std::string step_stopwatch::text() const {
  if (!is_stopped_) return to_rfc3339(zero_ + reckoned_to_ - used_);
  return fmt::format("{}ms", std::chrono::duration_cast<std::chrono::milliseconds>(used_).count());
}

std::optional<duration> step_stopwatch::used_by(std::string_view text, time_point by_aws) {
  if (const auto began = parse_rfc3339(text)) return std::max(by_aws - *began, duration::zero());
  return parse_duration(text);
}

}  // namespace lifehook::handlers
