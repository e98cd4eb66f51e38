#pragma once

#include <string_view>

namespace lifehook {

// The program's version, as CMakeLists.txt names it: in User-Agent, in build_info, and printed by `lifehook version`,
// which says the commit too (worker/commit.h).
std::string_view program_version();

}  // namespace lifehook
