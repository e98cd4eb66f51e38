#pragma once

#include "base/error.h"

#include <string>

namespace lifehook::aws {

// The whole of a small file, such as a token or a profile file; at most 1 MiB. not_found when there is none, denied
// when it cannot be read.
result<std::string> read_text_file(const std::string& path);

}  // namespace lifehook::aws
