#include "simulator/dynamodb_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace lifehook::simulator {
namespace {

constexpr std::size_t most_digits = 38;
constexpr int largest_exponent = 126;
constexpr int smallest_exponent = -129;

fault invalid(std::string message) { return {400, "ValidationException", std::move(message)}; }

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The number after the "e"; none when it is not one.
std::optional<int> read_exponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int power = 0;
  const auto* const begin = text.data();
  const auto* const end = begin + text.size();
  const auto read = std::from_chars(begin, end, power);
  if (text.empty() || read.ptr != end || read.ec == std::errc::invalid_argument) return std::nullopt;
  constexpr int beyond_all = 1'000'000;
  if (read.ec == std::errc::result_out_of_range) return text.starts_with('-') ? -beyond_all : beyond_all;
  return std::clamp(power, -beyond_all, beyond_all);
}

void strip_zeros(decimal& of) {
  const auto first = of.digits.find_first_not_of('0');
  if (first == std::string::npos) {
    of = {};
    return;
  }
  of.digits.erase(0, first);
  of.exponent -= static_cast<int>(first);
  of.digits.erase(of.digits.find_last_not_of('0') + 1);
}

or_fault<decimal> in_range(decimal of) {
  if (of.digits.size() > most_digits) return invalid("Attempting to store more than 38 significant digits in a Number");
  if (of.exponent > largest_exponent && !of.digits.empty())
    return invalid("Number overflow. Attempting to store a number with magnitude larger than supported range");
  if (of.exponent < smallest_exponent && !of.digits.empty())
    return invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range");
  return of;
}

}  // namespace

or_fault<decimal> read_decimal(std::string_view text) {
  auto refused = invalid(fmt::format("The parameter cannot be converted to a numeric value: {}", text.substr(0, 64)));
  auto rest = text;
  decimal made;
  made.negative = rest.starts_with('-');
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  const auto mark = rest.find_first_of("eE");
  const auto power = mark == std::string_view::npos ? std::optional(0) : read_exponent(rest.substr(mark + 1));
  const auto mantissa = rest.substr(0, mark);
  const auto point = std::min(mantissa.find('.'), mantissa.size());
  made.digits = mantissa.substr(0, point);
  if (point < mantissa.size()) made.digits += mantissa.substr(point + 1);
  if (!power || made.digits.empty() || !all_digits(made.digits)) return refused;
  made.exponent = static_cast<int>(point) + *power;
  strip_zeros(made);
  return in_range(std::move(made));
}

std::string to_text(const decimal& of) {
  if (of.digits.empty()) return "0";
  const auto sign = of.negative ? "-" : "";
  const auto length = static_cast<int>(of.digits.size());
  if (of.exponent <= 0)
    return fmt::format("{}0.{}{}", sign, std::string(static_cast<unsigned>(-of.exponent), '0'), of.digits);
  if (of.exponent >= length)
    return fmt::format("{}{}{}", sign, of.digits, std::string(static_cast<unsigned>(of.exponent - length), '0'));
  const auto whole = static_cast<std::size_t>(of.exponent);
  return fmt::format("{}{}.{}", sign, of.digits.substr(0, whole), of.digits.substr(whole));
}

std::string sort_bytes(const decimal& of) {
  constexpr char below_zero = 1, zero = 2, above_zero = 3;
  if (of.digits.empty()) return std::string(1, zero);
  const auto power = static_cast<char>(of.exponent - smallest_exponent);
  auto bytes = std::string(1, power) + of.digits;
  if (!of.negative) return above_zero + bytes;
  for (auto& each : bytes) each = static_cast<char>(~each);
  return below_zero + bytes + '\xff';  // of two with one beginning, the longer is the smaller
}

}  // namespace lifehook::simulator
