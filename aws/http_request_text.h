#pragma once

#include "aws/http_route.h"
#include "aws/http_transport.h"

#include <string>
#include <string_view>

namespace lifehook::aws {

// A request as HTTP/1.1 bytes: Host as it was signed, the caller's headers as they are, a Content-Length for every body
// and for methods that have one, nothing else. internal when method, url or a header hold what would break out of their
// line.
result<std::string> request_text(const http_request& request, const http_route& by, std::string_view user_agent);

}  // namespace lifehook::aws
