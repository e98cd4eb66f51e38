#include "bench/http_text.h"

#include <algorithm>

namespace lifehook::bench {

namespace {

bool named(std::string_view line, std::string_view lower_case_name) {
  return line.size() > lower_case_name.size() && line[lower_case_name.size()] == ':' &&
         std::equal(lower_case_name.begin(), lower_case_name.end(), line.begin(), [](char own, char theirs) {
           return own == (theirs >= 'A' && theirs <= 'Z' ? theirs | 32 : theirs);
         });
}

std::string_view value_of(std::string_view line) {
  const auto colon = line.find(':');
  const auto start = line.find_first_not_of(' ', colon + 1);
  return start == std::string_view::npos ? std::string_view() : line.substr(start);
}

std::size_t number_in(std::string_view text) {
  std::size_t number = 0;
  for (const auto digit : text)
    if (digit >= '0' && digit <= '9') number = number * 10 + static_cast<std::size_t>(digit - '0');
  return number;
}

}  // namespace

std::optional<http_text> read_http(std::string_view from) {
  const auto end = from.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  http_text read;
  std::size_t length = 0;
  read.first_line = from.substr(0, from.find("\r\n"));
  for (auto at = read.first_line.size() + 2; at < end;) {
    const auto line = from.substr(at, from.find("\r\n", at) - at);
    if (named(line, "content-length")) length = number_in(value_of(line));
    if (named(line, "x-amz-target")) read.target = line.substr(line.rfind('.') + 1);
    at += line.size() + 2;
  }
  read.size = end + 4 + length;
  if (from.size() < read.size) return std::nullopt;
  read.body = from.substr(end + 4, length);
  return read;
}

}  // namespace lifehook::bench
