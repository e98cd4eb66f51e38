#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace lifehook::worker {

// The word a mistyped one was most likely meant to be: within a third of its letters of edits (insert, drop, replace,
// swap neighbours) or its beginning, case aside. nullopt when none is near enough to be worth saying.
std::optional<std::string_view> nearest(std::string_view typed, std::span<const std::string_view> known);

}  // namespace lifehook::worker
