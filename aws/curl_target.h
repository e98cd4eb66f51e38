#pragma once

#include "aws/curl_transport.h"

#include <string>
#include <string_view>

namespace lifehook::aws {

// What a url says about where its request goes. Pure; a url curl would refuse gives some text, never a failure.

// "https://ecs.eu-west-1.amazonaws.com/": for logs. Paths, queries and user names may be secret and are left out.
std::string shown_target(std::string_view url);

// "https://ecs.eu-west-1.amazonaws.com", "http://host:8080": what a connection is made to. http, where it says nothing.
std::string origin_of(std::string_view url);

// "me:word" of "http://me:word@host/", percent-decoded: secret. Empty: it names none.
std::string user_of(std::string_view url);

// Whether it begins so, in any case: "https:", "socks".
bool has_scheme(std::string_view url, std::string_view scheme);

// "ecs.eu-west-1.amazonaws.com", "fd00:ec2::254": without port and brackets.
std::string_view host_of(std::string_view url);

// The proxy for this url, empty for none: not for what NO_PROXY names (hosts and all below them, addresses, networks as
// "10.0.0.0/8", or "*"), and never for loopback and link-local hosts, which hand out credentials.
const std::string& proxy_for(std::string_view url, const curl_settings& with);

// The same as shown_target shows it; of a password that breaks the url nothing is shown.
std::string shown_proxy(std::string_view url, const curl_settings& with);

}  // namespace lifehook::aws
