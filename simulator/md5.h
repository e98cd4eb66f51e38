#pragma once

#include <string>
#include <string_view>

namespace lifehook::simulator {

// The digest of RFC 1321 as 32 lower-case hex digits: what SQS answers as MD5OfBody. Not for secrets.
std::string md5_hex(std::string_view text);

}  // namespace lifehook::simulator
