#pragma once

#include "aws/environment.h"
#include "aws/http_transport.h"

#include <memory>
#include <string>

namespace lifehook::aws {

struct curl_settings {
  std::string ca_file;     // AWS_CA_BUNDLE; empty: the system's
  std::string proxy;       // for https targets: HTTPS_PROXY; empty: none
  std::string http_proxy;  // for http targets: HTTP_PROXY
  std::string no_proxy;    // NO_PROXY, comma separated
  std::string user_agent;
  duration connect_timeout = std::chrono::seconds(3);
  std::size_t cached_connections =
      256;  // idle keep-alive connections kept for reuse; at least the peak of concurrent calls
  std::size_t connections_per_host = 0;  // most at once; 0: no limit
};

// Reads AWS_CA_BUNDLE, HTTPS_PROXY, HTTP_PROXY and NO_PROXY (either case) as the SDKs do.
curl_settings curl_settings_from(const environment& env);

// libcurl's multi-socket interface on Asio: keep-alive reuse, HTTP/1.1, TLS 1.2+ verified. Its destructor aborts what
// is in flight. Single-threaded.
std::unique_ptr<http_transport> make_curl_transport(asio::any_io_executor executor, curl_settings with);

}  // namespace lifehook::aws
