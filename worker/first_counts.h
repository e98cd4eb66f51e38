#pragma once

#include "handlers/group.h"

#include <span>

namespace lifehook {
struct metrics;  // base/metrics.h
}

namespace lifehook::worker {

// Has what these groups may count begin at zero: alerts look at increases, and a series that begins with its first
// event shows none.
void show_at_zero(metrics& counts, std::span<const handlers::group> of);

}  // namespace lifehook::worker
