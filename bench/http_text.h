#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lifehook::bench {

// One message of HTTP/1.1 at the start of what was read, as views into it; bodies have a Content-Length or are empty.
struct http_text {
  std::string_view first_line;  // "POST / HTTP/1.1" or "HTTP/1.1 200 OK"
  std::string_view target;      // X-Amz-Target's part behind the dot, or empty
  std::string_view body;
  std::size_t size = 0;  // head and body
};

std::optional<http_text> read_http(std::string_view from);  // nullopt: not all of it is there yet

}  // namespace lifehook::bench
