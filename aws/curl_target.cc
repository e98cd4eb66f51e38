#include "aws/curl_target.h"

#include "aws/percent.h"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <optional>

namespace lifehook::aws {

namespace {

// "me:word@host:8080"
std::string_view authority_and_user_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != url.npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

std::string_view authority_of(std::string_view url) {
  const auto whole = authority_and_user_of(url);
  return whole.substr(whole.rfind('@') + 1);
}

std::optional<asio::ip::address> address_in(std::string_view text) {
  boost::system::error_code not_one;
  const auto address = asio::ip::make_address(text, not_one);
  return not_one ? std::nullopt : std::optional(address);
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
  const auto address = address_in(host);
  if (!address) return false;
  if (address->is_loopback()) return true;
  if (address->is_v4()) return is_link_local(address->to_v4());
  return address->to_v6().is_link_local() || is_ec2_local(address->to_v6());
}

// "10.0.0.0/8", "fd00::/8".
bool is_in_network(const asio::ip::address& address, std::string_view network) {
  boost::system::error_code not_one;
  if (address.is_v4()) {
    const auto within = asio::ip::make_network_v4(network, not_one);
    return !not_one && asio::ip::network_v4(address.to_v4(), within.prefix_length()).canonical() == within.canonical();
  }
  const auto within = asio::ip::make_network_v6(network, not_one);
  return !not_one && asio::ip::network_v6(address.to_v6(), within.prefix_length()).canonical() == within.canonical();
}

// As curl reads it: a name is that host and all below it, with or without a dot before it.
bool is_covered(std::string_view host, std::string_view name) {
  using boost::algorithm::iends_with;
  if (name == "*") return true;
  if (const auto address = address_in(host)) {
    if (name.find('/') != name.npos) return is_in_network(*address, name);
    return address_in(name) == address;
  }
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

bool has_scheme(std::string_view url, std::string_view scheme) {
  return boost::algorithm::iequals(url.substr(0, scheme.size()), scheme);
}

std::string origin_of(std::string_view url) {
  return std::string(has_scheme(url, "https:") ? "https://" : "http://").append(authority_of(url));
}

std::string user_of(std::string_view url) {
  const auto whole = authority_and_user_of(url);
  const auto end = whole.rfind('@');
  return end == whole.npos ? std::string() : percent_decoded(whole.substr(0, end));
}

std::string_view host_of(std::string_view url) {
  const auto authority = authority_of(url);
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

const std::string& proxy_for(std::string_view url, const curl_settings& with) {
  static const std::string none;
  const auto& wanted = has_scheme(url, "https:") ? with.proxy : with.http_proxy;
  if (wanted.empty()) return none;
  const auto host = host_of(url);
  return is_near(host) || is_named_in(with.no_proxy, host) ? none : wanted;
}

std::string shown_proxy(std::string_view url, const curl_settings& with) {
  const std::string_view proxy = proxy_for(url, with);
  const auto user_end = proxy.rfind('@');
  if (user_end == proxy.npos) return proxy.empty() ? std::string() : shown_target(proxy);
  const auto scheme = proxy.find("://");
  return std::string(scheme < user_end ? proxy.substr(0, scheme + 3) : std::string_view())
      .append(shown_target(proxy.substr(user_end + 1)));
}

}  // namespace lifehook::aws
