#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lifehook::aws {

using http_headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t usual_most_body = 8U << 20;

struct http_request {
  std::string method = "POST";
  std::string url;
  http_headers headers;  // Host is derived from the url
  std::string body;
  duration timeout = std::chrono::seconds(30);  // the whole transfer, connecting included
  std::size_t max_body = usual_most_body;       // an answer above it is an error (too_large)
  bool fresh_connection = false;                // for calls that must not be resent silently on a dead connection
  bool resend = true;  // unseen, over a new connection, when one at rest dies unanswered; false: that is unreachable
};

struct http_response {
  int status = 0;
  http_headers headers;  // names in lower case
  std::string body;

  std::string_view header(std::string_view lower_case_name) const;  // first of that name, or empty
};

// One of the program's two seams: all bytes to AWS pass here. An HTTP error status is a response, not an error; errors
// are timeout, unreachable and too_large, and say which host and why, and internal for a request that cannot be
// written. Cancelled by the awaiting coroutine's slot (throws operation_aborted).
class http_transport {
 public:
  virtual ~http_transport() = default;
  virtual task<result<http_response>> send(http_request request) = 0;
};

}  // namespace lifehook::aws
