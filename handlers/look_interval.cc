#include "handlers/look_interval.h"

#include <algorithm>
#include <cmath>

namespace lifehook::handlers {

namespace {

constexpr double share_at_ease = 0.25;
constexpr double largest_share = 0.8;
constexpr std::size_t look_together = 500;

duration time_for(double calls, double a_second) {
  if (calls == 0) return duration::zero();
  const auto seconds = std::ceil(calls / a_second);
  return std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, 1e6)));
}

}  // namespace

duration look_interval(look_round of, std::optional<double> rate, const look_limits& within) {
  if (!rate) return within.soonest;
  const auto at_ease = std::min(time_for(of.looks, share_at_ease * *rate), within.at_ease);
  const auto needed = time_for(of.looks + of.others, largest_share * *rate);
  return std::clamp(std::max(at_ease, needed), within.soonest, within.rarest);
}

duration look_phase(std::size_t place, std::size_t count, duration interval) {
  const auto groups = std::max<std::size_t>(1, (count + look_together - 1) / look_together);
  return interval * static_cast<std::int64_t>(place % groups) / static_cast<std::int64_t>(groups);
}

}  // namespace lifehook::handlers
