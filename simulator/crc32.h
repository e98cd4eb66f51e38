#pragma once

#include <cstdint>
#include <string_view>

namespace lifehook::simulator {

// The checksum of IEEE 802.3, as DynamoDB sends it of each body in x-amz-crc32.
std::uint32_t crc32(std::string_view bytes);

}  // namespace lifehook::simulator
