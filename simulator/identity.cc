#include "simulator/identity.h"

#include <string_view>

namespace lifehook::simulator {

std::string make_uuid(random_source& random) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx";
  std::uint64_t bits = 0;
  int left = 0;
  for (auto& letter : text) {
    if (letter != 'x') continue;
    if (left-- == 0) {
      bits = random();
      left = 15;
    }
    letter = digits[bits & 15];
    bits >>= 4;
  }
  return text;
}

std::string make_hex(random_source& random, std::size_t digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  std::string text;
  while (text.size() < digits)
    for (auto bits = random(), left = std::uint64_t{16}; left > 0 && text.size() < digits; --left, bits >>= 4)
      text += alphabet[bits & 15];
  return text;
}

}  // namespace lifehook::simulator
