#pragma once

#include "base/clock.h"

#include <cstddef>
#include <optional>

namespace lifehook::handlers {

// How often something is looked at: `soonest` while few are looked at, at most `at_ease` as long as the budget allows
// it, `rarest` where it does not.
struct look_limits {
  duration soonest;
  duration at_ease;
  duration rarest;
};

// A round of looks at all there is, in calls.
struct look_round {
  double looks = 0;
  double others = 0;  // that follow from them
};

// Pure: how long to wait between rounds when the budget leaves `rate` calls a second to them (nullopt: any number).
// Looks take a quarter of it, for the account is shared with everything the user runs; more than that rather than look
// less often than `at_ease`; and never more than four fifths of it, together with what follows from them. Whole
// seconds, so that those who look together (look_phase) do so at the same moments.
duration look_interval(look_round of, std::optional<double> rate, const look_limits& within);

// Pure: when within an interval the one that came as number `place` looks, of `count` that look: groups of five
// hundred, which fill their calls, one group after the other. All at once would be a burst on the budget, and tens of
// thousands waiting for it.
duration look_phase(std::size_t place, std::size_t count, duration interval);

}  // namespace lifehook::handlers
