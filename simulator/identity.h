#pragma once

#include "base/backoff.h"

#include <cstddef>
#include <string>

namespace lifehook::simulator {

// A random UUID, "0d8b1c8e-5c1f-4a5b-9f3e-2a6d0c7b1e4f": message ids, request ids, tokens. Replays with its source.
std::string make_uuid(random_source& random);
// Lower-case hexadecimal digits: instance ids, task ids.
std::string make_hex(random_source& random, std::size_t digits);

}  // namespace lifehook::simulator
