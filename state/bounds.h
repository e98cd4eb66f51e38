#pragma once

#include "base/error.h"

#include <string_view>

namespace lifehook::state {

constexpr std::size_t most_key_bytes = 512;
constexpr std::size_t most_note_bytes = 16 * 1024;

// The limits of store.h, the same in every backend. rejected: a key that is empty or too long, or a note too long.
result<> check_bounds(std::string_view key, std::string_view text = {});

}  // namespace lifehook::state
