#include "base/backoff.h"

#include <algorithm>
#include <bit>

namespace lifehook {

duration full_jitter(backoff_limits limits, unsigned attempt, random_source& random) {
  const auto doublings = std::min(attempt, 30U);
  const auto factor = duration::rep{1} << doublings;
  const duration ceiling = limits.base > limits.cap / factor ? limits.cap : limits.base * factor;
  std::uniform_int_distribution<duration::rep> pick(0, ceiling.count());
  return duration(pick(random));
}

bool is_worth_saying(unsigned attempt) { return attempt < 3 || std::has_single_bit(attempt); }

duration spread(duration mean, double share, random_source& random) {
  std::uniform_real_distribution<double> pick(1.0 - share, 1.0 + share);
  return duration(static_cast<duration::rep>(static_cast<double>(mean.count()) * pick(random)));
}

}  // namespace lifehook
