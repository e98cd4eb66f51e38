#include "aws/curl_header_lines.h"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>

namespace lifehook::aws {

namespace {

bool breaks_out(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

}  // namespace

void curl_header_lines::add(std::string_view name, std::string_view separator, std::string_view value) {
  starts_.push_back(text_.size());
  text_.append(name).append(separator).append(value);
  text_.push_back('\0');
}

result<> curl_header_lines::assign(const http_headers& headers) {
  text_.clear();
  starts_.clear();
  // An empty "Name:" keeps curl from adding its own: a pause for "100 Continue" on large bodies, a stray Accept.
  add("Expect", ":", {});
  add("Accept", ":", {});
  bool typed = false;
  for (const auto& [name, value] : headers) {
    if (name.empty() || breaks_out(name) || breaks_out(value))
      return error{errc::internal, "a request header is empty or holds a line break"};
    add(name, value.empty() ? ";" : ": ", value);
    typed = typed || boost::algorithm::iequals(name, "content-type");
  }
  if (!typed) add("Content-Type", ":", {});
  nodes_.resize(starts_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    nodes_[i] = {text_.data() + starts_[i], i + 1 < nodes_.size() ? &nodes_[i + 1] : nullptr};
  return {};
}

}  // namespace lifehook::aws
