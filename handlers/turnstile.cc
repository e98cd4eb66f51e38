#include "handlers/turnstile.h"

#include <algorithm>
#include <utility>

namespace lifehook::handlers {

bool turnstile::is_full() const {
  const auto& shared = limits_.with;
  const bool must_share = shared && shared->through >= shared->most;
  return through_.size() >= (must_share ? limits_.least : limits_.most);
}

void turnstile::come(visit& who) {
  if (is_full() && who.until_ > clock_.uptime())
    line_.insert(who);
  else
    admit(who);
  arm();
}

void turnstile::admit(visit& who) {
  who.has_turn_ = true;
  who.until_ = clock_.uptime() + limits_.longest;
  through_.insert(who);
  if (limits_.with) ++limits_.with->through;
}

void turnstile::end_turn(visit& of) {
  through_.erase(through_.iterator_to(of));
  if (limits_.with) --limits_.with->through;
}

void turnstile::leave(visit& who) {
  if (!who.is_linked()) return;  // its time was over
  if (who.has_turn_) {
    end_turn(who);
    look();
  } else {
    line_.erase(line_.iterator_to(who));
    arm();
  }
}

// Whoever is told may leave, and others with it. Then the look that told them goes on with the next: thousands may
// leave as soon as they are told, as where calls fail at once, and no look is made inside of another.
void turnstile::look() {
  if (std::exchange(looks_, true)) return;
  const auto now = clock_.uptime();
  while (!through_.empty() && through_.begin()->until_ <= now) end_turn(*through_.begin());
  while (!line_.empty() && (!is_full() || line_.begin()->until_ <= now)) {
    auto& first = *line_.begin();
    line_.erase(line_.begin());
    admit(first);
    const auto tell = std::exchange(first.turn_, nullptr);
    tell();
  }
  looks_ = false;
  arm();
}

// An earlier look is left to come, and to look again: visitors come and go by the thousand.
void turnstile::arm() {
  auto soonest = duration::max();
  for (const auto* each : {&line_, &through_})
    if (!each->empty()) soonest = std::min(soonest, each->begin()->until_);
  if (soonest == duration::max()) return next_.unset();
  if (next_.is_set() && armed_ <= soonest) return;
  armed_ = soonest;
  next_.set(soonest - clock_.uptime(), [this] { look(); });
}

}  // namespace lifehook::handlers
