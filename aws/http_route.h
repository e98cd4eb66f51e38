#pragma once

#include "aws/curl_transport.h"

#include <string>
#include <string_view>

namespace lifehook::aws {

// Where the bytes of a request go, and as what. Equal routes may share connections.
struct http_route {
  std::string connect_to;  // a url with nothing but scheme, host and port: the target's, or that of a forwarding proxy
  std::string proxy;       // through which libcurl makes the connection; empty: directly
  bool forwarded = false;  // the other side is a proxy that reads the request, so it is written with its whole url
  std::string authorization;  // of a forwarding proxy: "Basic ..." or empty

  bool operator==(const http_route&) const = default;
};

// Requests for http targets are forwarded by an HTTP proxy; https, and everything through a SOCKS proxy, is tunnelled.
// Pure; a url libcurl would refuse gives some route it then refuses.
http_route route_of(std::string_view url, const curl_settings& with);

}  // namespace lifehook::aws
