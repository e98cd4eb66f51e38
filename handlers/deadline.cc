#include "handlers/deadline.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

time_point end_of(time_point from, duration span) { return from + work_within(span); }

}  // namespace

duration work_within(duration span) { return span - std::min<duration>(10s, span / 10); }

std::optional<duration> interruption_window(event_kind kind) {
  switch (kind) {
    case event_kind::spot_interruption:
    case event_kind::capacity_reservation_interruption: return 120s;
    default: return std::nullopt;
  }
}

std::optional<duration> interruption_work(event_kind kind, bool gives_back) {
  const auto window = interruption_window(kind);
  if (!window) return std::nullopt;
  return gives_back ? give_back_by({}, *window) - time_point() : work_within(*window);
}

time_point deadline_of(const deadline_facts& facts) {
  const auto happened = facts.event_time.value_or(facts.sent);
  auto earliest = end_of(facts.first_received, facts.group_deadline);
  if (facts.global_timeout) earliest = std::min(earliest, end_of(happened, *facts.global_timeout));
  if (const auto window = interruption_window(facts.kind)) earliest = std::min(earliest, end_of(happened, *window));
  return earliest;
}

duration longest_off(time_point release_by, time_point now) {
  return std::clamp<duration>(release_by - now, duration::zero(), aws::longest_invisible - 1h);
}

}  // namespace lifehook::handlers
