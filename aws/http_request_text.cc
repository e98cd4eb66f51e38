#include "aws/http_request_text.h"

#include "aws/canonical.h"

#include <algorithm>
#include <array>

namespace lifehook::aws {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// A session's token has a thousand characters: memchr, which `find` is, looks at many of them at a time.
bool breaks_line(std::string_view text) {
  constexpr std::array breaks{'\r', '\n', '\0'};
  return std::ranges::any_of(breaks, [text](char c) { return text.find(c) != text.npos; });
}

bool breaks_word(std::string_view text) {
  return text.empty() || std::ranges::any_of(text, [](char c) { return c == ' ' || is_control(c); });
}

bool breaks_name(std::string_view text) { return breaks_word(text) || text.find(':') != text.npos; }

bool is_without_body(const http_request& request) {
  return request.body.empty() && (request.method == "GET" || request.method == "HEAD");
}

void append_target(std::string& text, const url_parts& parts, bool whole) {
  if (whole) text.append("http://").append(parts.host);
  text.append(parts.path);
  if (!parts.query.empty()) text.append("?").append(parts.query);
}

void append_header(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(value.empty() ? ":" : ": ").append(value).append("\r\n");
}

}  // namespace

result<std::string> request_text(const http_request& request, const http_route& by, std::string_view user_agent) {
  if (breaks_word(request.method)) return error{errc::internal, "a request method is empty or holds a blank", {}};
  if (breaks_word(request.url)) return error{errc::internal, "a request's url is empty or holds a blank", {}};
  const auto parts = split_url(request.url);
  std::string text;
  text.reserve(room_for_head(request) + request.body.size());
  text.append(request.method).append(" ");
  append_target(text, parts, by.forwarded);
  text.append(" HTTP/1.1\r\n");
  append_header(text, "Host", parts.host);
  if (!user_agent.empty()) append_header(text, "User-Agent", user_agent);
  if (!by.authorization.empty()) append_header(text, "Proxy-Authorization", by.authorization);
  for (const auto& [name, value] : request.headers) {
    if (breaks_name(name) || breaks_line(value))
      return error{errc::internal, "a request header is empty or holds a line break", {}};
    append_header(text, name, value);
  }
  if (!is_without_body(request)) append_header(text, "Content-Length", std::to_string(request.body.size()));
  text.append("\r\n").append(request.body);
  return text;
}

}  // namespace lifehook::aws
