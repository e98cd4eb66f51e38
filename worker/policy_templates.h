#pragma once

#include <string_view>

namespace lifehook::worker {

// The text of deploy/iam/NAME.json, as it was when the program was built; empty: there is none.
std::string_view policy_template(std::string_view name);

}  // namespace lifehook::worker
