#pragma once

#include <string_view>

namespace lifehook {

// Shell-style match of the whole text: `*` any run, `?` one character, everything else itself. Linear in text * stars.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace lifehook
