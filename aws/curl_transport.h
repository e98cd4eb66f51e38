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
  std::size_t resting_connections = 256;  // kept for reuse; at least the peak of concurrent calls
};

// Reads AWS_CA_BUNDLE, HTTPS_PROXY, HTTP_PROXY and NO_PROXY (either case) as the SDKs do.
curl_settings curl_settings_from(const environment& env);

// HTTP/1.1 over connections libcurl makes on Asio's reactor: kept alive and used again, TLS 1.2+ verified. Its
// destructor aborts what is in flight. Time limits are of `time`, which outlives it and runs as fast as others' do.
// Single-threaded.
std::unique_ptr<http_transport> make_curl_transport(clock& time, const loop_executor& executor, curl_settings with);

}  // namespace lifehook::aws
