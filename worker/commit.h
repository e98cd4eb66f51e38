#pragma once

#include <string_view>

namespace lifehook::worker {

// What the program was built of, as commit.cmake finds it: a commit such as "9a64f9a", with "-dirty" behind it when the
// sources were not those of the commit; "unknown" of a tarball. Written anew by each build, and linked to programs
// alone: no test is linked again because of a commit.
std::string_view program_commit();

}  // namespace lifehook::worker
