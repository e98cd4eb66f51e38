#pragma once

#include "aws/environment.h"
#include "base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace lifehook::worker {

// Replaces ${NAME} by the environment's value and ${NAME:-default} by it or, when unset or empty, by the default; $$ is
// a literal $. What was put in is not expanded again. malformed: NAME unset without a default, or a ${ that does not
// parse.
result<std::string> expand(std::string_view text, const aws::environment& env);

// The names whose values, or defaults, a text takes so; each once, in order. Pure.
std::vector<std::string> names_taken(std::string_view text);

}  // namespace lifehook::worker
