#pragma once

#include "aws/http_transport.h"

#include <cstddef>
#include <string_view>

namespace lifehook::aws {

// A url as SigV4 sees it. Views into the url.
struct url_parts {
  std::string_view host;   // as the Host header carries it: no user, a default port dropped, others kept
  std::string_view path;   // "/" when empty
  std::string_view query;  // without the question mark
};

url_parts split_url(std::string_view url);

// Enough for the request without its body, as it is signed or sent; a session's token may be the most of it.
std::size_t room_for_head(const http_request& request);

// Header names are compared without case, in ASCII.
bool same_header(std::string_view one, std::string_view other);

}  // namespace lifehook::aws
