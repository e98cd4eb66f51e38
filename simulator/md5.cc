#include "simulator/md5.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace lifehook::simulator {
namespace {

using words = std::array<std::uint32_t, 4>;

constexpr std::array<std::uint32_t, 64> sines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::array<std::array<int, 4>, 4> turns{{{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

static_assert(std::endian::native == std::endian::little);

void mix(words& sum, std::string_view block) {
  std::array<std::uint32_t, 16> in;
  std::memcpy(in.data(), block.substr(0, 64).data(), 64);
  auto [a, b, c, d] = sum;
  const auto step = [&](std::uint32_t chosen, std::size_t i, std::size_t from) {
    const auto turned = std::rotl(a + chosen + sines[i] + in[from % 16], turns[i / 16][i % 4]);
    a = d;
    d = c;
    c = b;
    b += turned;
  };
  for (std::size_t i = 0; i < 16; ++i) step((b & c) | (~b & d), i, i);
  for (std::size_t i = 16; i < 32; ++i) step((d & b) | (~d & c), i, 5 * i + 1);
  for (std::size_t i = 32; i < 48; ++i) step(b ^ c ^ d, i, 3 * i + 5);
  for (std::size_t i = 48; i < 64; ++i) step(c ^ (b | ~d), i, 7 * i);
  sum[0] += a;
  sum[1] += b;
  sum[2] += c;
  sum[3] += d;
}

std::string hex(const words& sum) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(32);
  for (auto word : sum) {
    for (int i = 0; i < 4; ++i, word >>= 8) {
      text.push_back(digits[(word >> 4) & 15]);
      text.push_back(digits[word & 15]);
    }
  }
  return text;
}

}  // namespace

std::string md5_hex(std::string_view text) {
  words sum{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const std::uint64_t bits = text.size() * 8;
  for (; text.size() >= 64; text.remove_prefix(64)) mix(sum, text);
  std::array<char, 128> tail{};
  text.copy(tail.data(), text.size());
  tail[text.size()] = '\x80';
  const std::size_t blocks = text.size() < 56 ? 1 : 2;
  std::memcpy(tail.data() + blocks * 64 - 8, &bits, 8);
  for (std::size_t i = 0; i < blocks; ++i) mix(sum, {tail.data() + i * 64, 64});
  return hex(sum);
}

}  // namespace lifehook::simulator
