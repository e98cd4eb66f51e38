#include "handlers/step_stopwatch.h"

#include "base/time_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::handlers {

void step_stopwatch::begin_anew(duration uptime) { began_ = last_sign_ = uptime; }

void step_stopwatch::go_on_after(duration used) { used_ = used; }

void step_stopwatch::sign(duration uptime) {
  used_ += uptime - last_sign_;
  last_sign_ = uptime;
  stands_ = false;
}

// One that runs is told by when it began: time in the queue counts.
std::string step_stopwatch::text() const {
  if (!stands_) return to_rfc3339(zero_ + last_sign_ - used_);
  return fmt::format("{}ms", std::chrono::duration_cast<std::chrono::milliseconds>(used_).count());
}

std::optional<duration> step_stopwatch::used_by(std::string_view text, time_point by_aws) {
  if (const auto began = parse_rfc3339(text)) return std::max(by_aws - *began, duration::zero());
  return parse_duration(text);
}

}  // namespace lifehook::handlers
