#include "bench/hook_names.h"

#include <array>
#include <utility>

namespace lifehook::bench {

namespace {

// As long as AWS's own: 17 digits of an instance id, 32 of a container instance's.
constexpr std::array<std::string_view, 5> prefixes{
    "i-0b000", "arn:aws:ecs:eu-west-1:111122223333:container-instance/prod/0b000000000000000000",
    "7a5c0e1d-1111-4222-8333-", "AQEBlifehookbenchreceipt", "0d8b1c8e-0000-4000-8000-"};

// Receipt handles are long, and are sent back with every deletion.
constexpr std::string_view handle_rest =
    "yTz0dGhpcyBpcyBub3QgYSByZWNlaXB0IGhhbmRsZSBvZiBhbnlib2R5IGJ1dCBvZiB0aGUgYmVuY2gsIGFuZCBhcyBsb25nIGFzIHRoZXkgYXJl"
    "IGluIEFXUyBzbyBmYXIgYXMgc2VlbiBhbmQ==";

constexpr std::string_view digits = "0123456789abcdef";

}  // namespace

std::string_view prefix_of(hook_name kind) { return prefixes[static_cast<std::size_t>(kind)]; }

void append_number(std::string& to, unsigned number) {
  std::array<char, number_digits> text;
  for (auto at = number_digits; at-- > 0; number >>= 4U) text[at] = digits[number & 15U];
  to.append(text.data(), text.size());
}

void append_name(std::string& to, hook_name kind, unsigned number) {
  to.append(prefix_of(kind));
  append_number(to, number);
  if (kind == hook_name::receipt_handle) to.append(handle_rest);
}

std::string name_of(hook_name kind, unsigned number) {
  std::string name;
  append_name(name, kind, number);
  return name;
}

std::optional<unsigned> read_number(std::string_view text) {
  if (text.size() < number_digits) return std::nullopt;
  unsigned number = 0;
  for (const auto digit : text.substr(0, number_digits)) {
    const auto value = digits.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    number = number << 4U | static_cast<unsigned>(value);
  }
  return number;
}

}  // namespace lifehook::bench
