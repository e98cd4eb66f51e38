#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace lifehook {

// The whole text as one decimal number that `Number` holds; nullopt for anything else, such as "3x", "+3" or "".
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace lifehook
