#include "aws/curl_target.h"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace lifehook::aws {

namespace {

std::string_view authority_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != url.npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const auto user = url.rfind('@');
  return user == url.npos ? url : url.substr(user + 1);
}

// fd00:ec2::/32 is where EC2 and EKS serve metadata and credentials on IPv6.
bool is_ec2_local(const asio::ip::address_v6& address) {
  const auto bytes = address.to_bytes();
  return bytes[0] == 0xfd && bytes[1] == 0x00 && bytes[2] == 0x0e && bytes[3] == 0xc2;
}

bool is_link_local(const asio::ip::address_v4& address) {
  const auto bytes = address.to_bytes();
  return bytes[0] == 169 && bytes[1] == 254;
}

bool is_near(std::string_view host) {
  if (host == "localhost") return true;
  boost::system::error_code not_a_number;
  const auto address = asio::ip::make_address(host, not_a_number);
  if (not_a_number) return false;
  if (address.is_loopback()) return true;
  if (address.is_v4()) return is_link_local(address.to_v4());
  return address.to_v6().is_link_local() || is_ec2_local(address.to_v6());
}

// As curl reads it: a name is that host and all below it, with or without a dot before it.
bool is_covered(std::string_view host, std::string_view name) {
  using boost::algorithm::iends_with;
  if (name == "*") return true;
  if (name.starts_with('.')) name.remove_prefix(1);
  if (name.empty() || !iends_with(host, name)) return false;
  return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

bool is_named_in(std::string_view no_proxy, std::string_view host) {
  while (!no_proxy.empty()) {
    const auto end = std::min(no_proxy.find_first_of(", "), no_proxy.size());
    if (is_covered(host, no_proxy.substr(0, end))) return true;
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
  }
  return false;
}

}  // namespace

std::string shown_target(std::string_view url) {
  const auto scheme = url.find("://");
  const auto shown = scheme == url.npos ? std::string_view() : url.substr(0, scheme + 3);
  return std::string(shown).append(authority_of(url)).append("/");
}

std::string_view host_of(std::string_view url) {
  const auto authority = authority_of(url);
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

const std::string& proxy_for(std::string_view url, const curl_settings& with) {
  static const std::string none;
  const auto& wanted = url.starts_with("https:") ? with.proxy : with.http_proxy;
  return wanted.empty() || is_near(host_of(url)) ? none : wanted;
}

std::string shown_proxy(std::string_view url, const curl_settings& with) {
  const auto& proxy = proxy_for(url, with);
  return proxy.empty() || is_named_in(with.no_proxy, host_of(url)) ? std::string() : shown_target(proxy);
}

}  // namespace lifehook::aws
