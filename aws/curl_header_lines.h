#pragma once

#include "aws/http_transport.h"

#include <curl/curl.h>

#include <string>
#include <string_view>
#include <vector>

namespace lifehook::aws {

// The list of header lines curl reads, in one buffer that is kept from request to request: curl_slist_append would
// allocate twice a line. Must stay put and unchanged while curl uses it.
class curl_header_lines {
 public:
  // internal when a line break or a NUL in a header would smuggle another header in.
  result<> assign(const http_headers& headers);
  curl_slist* list() { return nodes_.data(); }

 private:
  void add(std::string_view name, std::string_view separator, std::string_view value);

  std::string text_;  // lines, each ended by a NUL
  std::vector<std::size_t> starts_;
  std::vector<curl_slist> nodes_;
};

}  // namespace lifehook::aws
