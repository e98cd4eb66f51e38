#pragma once

#include "aws/curl_transport.h"

#include <string>
#include <string_view>

namespace lifehook::aws {

// What a url says about where its request goes. Pure; a url curl would refuse gives some text, never a failure.

// "https://ecs.eu-west-1.amazonaws.com/": for logs. Paths, queries and user names may be secret and are left out.
std::string shown_target(std::string_view url);

// "ecs.eu-west-1.amazonaws.com", "fd00:ec2::254": without port and brackets.
std::string_view host_of(std::string_view url);

// The proxy for this url, empty for none. Loopback and link-local hosts, which hand out credentials, never go through
// one; NO_PROXY is left to curl.
const std::string& proxy_for(std::string_view url, const curl_settings& with);

// The proxy a request to this url goes through, as shown_target shows it; empty when it goes directly. Networks in
// NO_PROXY ("10.0.0.0/8") are not looked at: curl does.
std::string shown_proxy(std::string_view url, const curl_settings& with);

}  // namespace lifehook::aws
