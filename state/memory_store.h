#pragma once

#include "state/store.h"

#include <cstddef>
#include <memory>

namespace lifehook::state {

// A store that ends with its process: for one worker without a volume, and for tests. At most `most_notes` notes, as
// many spare ones, and as many locks: when all of them are still in force, a new one is refused as unreachable, never
// an old one forgotten; but for spare notes, which make room for one another.
std::unique_ptr<store> make_memory_store(clock& time, std::size_t most_notes = 100'000);

}  // namespace lifehook::state
