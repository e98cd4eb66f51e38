#pragma once

#include <map>
#include <string>
#include <string_view>

namespace lifehook::simulator {

// The pairs of an application/x-www-form-urlencoded body, decoded; of a repeated name the last. A % without two hex
// digits stands for itself.
std::map<std::string, std::string> read_form(std::string_view body);

}  // namespace lifehook::simulator
