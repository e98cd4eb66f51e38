#pragma once

#include "aws/client.h"

#include <string>
#include <string_view>

namespace lifehook::aws {

// The form of a Query or EC2 call: "Action=..&Version=..&Name=value", in the order given.
std::string query_body(std::string_view action, std::string_view version, const query_parameters& parameters);

// Adds a list as Query services want it: name.member.1, name.member.2...
void add_members(query_parameters& to, std::string_view name, const std::vector<std::string>& values);

}  // namespace lifehook::aws
