#include "aws/http_route.h"

#include "aws/curl_target.h"

#include <openssl/evp.h>

namespace lifehook::aws {

namespace {

constexpr std::string_view curls_proxy_port = ":1080";  // of a proxy that names none

std::string base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  return out;
}

bool names_port(std::string_view origin) {
  const auto authority = origin.substr(origin.find("://") + 3);
  const auto host_end = authority.rfind(']');
  return authority.find(':', host_end == authority.npos ? 0 : host_end) != authority.npos;
}

http_route forwarding(std::string_view proxy) {
  http_route route;
  route.forwarded = true;
  route.connect_to = origin_of(proxy);
  if (!has_scheme(proxy, "https:") && !names_port(route.connect_to)) route.connect_to.append(curls_proxy_port);
  if (auto user = user_of(proxy); !user.empty()) {
    if (user.find(':') == user.npos) user += ':';
    route.authorization = "Basic " + base64(user);
  }
  return route;
}

}  // namespace

http_route route_of(std::string_view url, const curl_settings& with) {
  const auto& proxy = proxy_for(url, with);
  const bool is_tunnelled = has_scheme(url, "https:");
  if (!proxy.empty() && !is_tunnelled && !has_scheme(proxy, "socks")) return forwarding(proxy);
  return {.connect_to = origin_of(url), .proxy = proxy, .forwarded = false, .authorization = {}};
}

}  // namespace lifehook::aws
