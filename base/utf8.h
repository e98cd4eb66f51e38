#pragma once

#include <cstddef>
#include <string_view>

namespace lifehook {

// As much of UTF-8 as fits into `most` bytes without cutting a character in two: of its beginning, of its end.
std::string_view first_bytes(std::string_view text, std::size_t most);
std::string_view last_bytes(std::string_view text, std::size_t most);

}  // namespace lifehook
