#pragma once

#include <string_view>

namespace lifehook::simulator {

// Whether DynamoDB refuses a word as an attribute's name in an expression, in any case: "key", "ttl", "owner", "state"
// and some 570 more (the list "Reserved words in DynamoDB" of its guide). They need a #name.
bool is_reserved(std::string_view word);

}  // namespace lifehook::simulator
