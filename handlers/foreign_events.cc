#include "handlers/foreign_events.h"

#include "handlers/route.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_remembered = 10000;
constexpr duration soonest = 5s;
constexpr duration latest = 30s;

// The others come again by other ways, or nobody waits for them; of some an account has thousands a day.
bool is_worth_it(const event& about) {
  switch (about.kind) {
    case event_kind::launching:
    case event_kind::terminating: return about.hook != ecs_managed_hook;
    case event_kind::spot_interruption:
    case event_kind::capacity_reservation_interruption:
    case event_kind::task_interruption: return true;
    default: return false;
  }
}

std::string key_of(const event& about) {
  return fmt::format("{} {} {} {}", name(about.kind), about.subject(), about.hook,
                     about.token.empty() ? about.id : about.token);
}

duration pause_after(duration since) { return std::clamp(since / 2, soonest, latest); }

}  // namespace

void foreign_events::forget_old(duration now) {
  for (; !in_order_.empty() && now - in_order_.front()->second > 2 * keep_; in_order_.pop())
    first_seen_.erase(in_order_.front());
}

std::optional<duration> foreign_events::put_back(const event& about, const sight& of) {
  if (keep_ == 0s || !is_worth_it(about)) return std::nullopt;
  auto seen = first_seen_.find(key_of(about));
  if (seen == first_seen_.end()) {
    if (first_seen_.size() >= most_remembered) forget_old(of.now);
    const bool is_old = !of.came_before && of.age >= keep_;
    if (is_old || first_seen_.size() >= most_remembered) return std::nullopt;
    seen = first_seen_.emplace(key_of(about), of.now).first;
    in_order_.push(seen);
  }
  const auto since = of.now - seen->second;
  return since < keep_ ? std::optional(pause_after(since)) : std::nullopt;
}

duration foreign_for(unsigned times, duration keep) {
  duration since{0};
  for (; times > 0 && since < keep; --times) since += pause_after(since);
  return std::min(since, keep);
}

}  // namespace lifehook::handlers
