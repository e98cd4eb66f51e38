#pragma once

#include <string>
#include <string_view>

namespace lifehook::aws {

// Appends `text` with all but A-Z a-z 0-9 - _ . ~ as %XX in upper case: the one encoding signatures and forms share.
// Bytes in `kept` stay as they are.
void append_encoded(std::string& out, std::string_view text, std::string_view kept = {});

// Undoes %XX; a stray percent sign stays.
std::string percent_decoded(std::string_view text);

}  // namespace lifehook::aws
