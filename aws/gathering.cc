#include "aws/gathering.h"

#include <utility>

namespace lifehook::aws {

gathering::gathering(clock& time, pace at, std::function<bool()> to_spare)
    : clock_(time), pace_(at), to_spare_(std::move(to_spare)), impatience_(time), unfilled_({at.burst, at.burst}) {}

// Of calls that are not full; few, where it is not known that there is room for them.
std::size_t gathering::most_in_flight() const { return to_spare_ && to_spare_() ? 32 : 4; }

void gathering::asked(std::size_t gathered) {
  if (gathered >= pace_.most || (in_flight_ == 0 && may_leave())) return leave();
  if (impatience_.is_set() || in_flight_ >= most_in_flight()) return;
  impatience_.set(may_leave() && has_to_spare() ? pace_.patience : pace_.busy_patience, [this] {
    if (in_flight_ < most_in_flight()) leave();
  });
}

void gathering::left(std::size_t together) {
  impatience_.unset();
  if (together < pace_.most) unfilled_.take(clock_.uptime());
  ++in_flight_;
}

void gathering::answered() {
  --in_flight_;
  if (may_leave() || !impatience_.is_set()) leave();
}

}  // namespace lifehook::aws
