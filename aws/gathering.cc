#include "aws/gathering.h"

#include <algorithm>
#include <utility>

namespace lifehook::aws {

gathering::gathering(clock& time, pace at, std::function<bool()> to_spare)
    : clock_(time), pace_(at), to_spare_(std::move(to_spare)), impatience_(time), allowance_(at.burst) {}

// Of calls that are not full; few, where it is not known that there is room for them.
std::size_t gathering::most_in_flight() const { return to_spare_ && to_spare_() ? 32 : 4; }

// Whether a call that is not full may leave now.
bool gathering::may_leave() {
  if (pace_.burst == 0) return true;
  const auto now = clock_.uptime();
  const auto passed = std::chrono::duration<double>(now - std::exchange(filled_, now)).count();
  allowance_ = std::min(pace_.burst, allowance_ + passed * pace_.burst);
  return allowance_ >= 1;
}

void gathering::asked(std::size_t gathered) {
  if (gathered >= pace_.most || (in_flight_ == 0 && may_leave())) return leave();
  if (impatience_.is_set() || in_flight_ >= most_in_flight()) return;
  impatience_.set(may_leave() && has_to_spare() ? pace_.patience : pace_.busy_patience, [this] {
    if (in_flight_ < most_in_flight()) leave();
  });
}

void gathering::left(std::size_t together) {
  impatience_.unset();
  if (together < pace_.most) allowance_ = std::max(allowance_ - 1, -pace_.burst);
  ++in_flight_;
}

void gathering::answered() {
  --in_flight_;
  if (may_leave() || !impatience_.is_set()) leave();
}

}  // namespace lifehook::aws
