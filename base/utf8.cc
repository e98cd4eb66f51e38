#include "base/utf8.h"

namespace lifehook {

namespace {

bool is_within_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}  // namespace

std::string_view first_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && is_within_character(text[most])) --most;
  return text.substr(0, most);
}

std::string_view last_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  auto from = text.size() - most;
  while (from < text.size() && is_within_character(text[from])) ++from;
  return text.substr(from);
}

}  // namespace lifehook
