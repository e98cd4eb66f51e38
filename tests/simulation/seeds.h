#pragma once

#include <cstdint>

namespace lifehook::test {

struct seed_range {
  std::uint64_t first = 1, last = 1;
};

// The seeds a simulation runs: those CI has time for, or those of a campaign, LIFEHOOK_SEEDS=FIRST-LAST.
seed_range seeds_or(seed_range of_ci);

}  // namespace lifehook::test
