#include "aws/percent.h"

#include <array>
#include <charconv>

namespace lifehook::aws {

namespace {

constexpr std::array<bool, 256> unreserved = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

}  // namespace

void append_encoded(std::string& out, std::string_view text, std::string_view kept) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (unreserved[byte] || kept.find(text[i]) != kept.npos) continue;
    const std::array<char, 3> escape{'%', digits[byte >> 4U], digits[byte & 15U]};
    out.append(text.substr(written, i - written)).append(escape.data(), escape.size());
    written = i + 1;
  }
  out.append(text.substr(written));
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* const last = text.data() + i + 3;
      if (const auto read = std::from_chars(last - 2, last, byte, 16); read.ec == std::errc{} && read.ptr == last) {
        out += static_cast<char>(byte);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

}  // namespace lifehook::aws
