#include "simulator/receipt_handle.h"

#include <algorithm>

namespace lifehook::simulator {
namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view prefix = "AQEB";
constexpr std::size_t word_length = 11;  // of six bits each hold 64
constexpr std::size_t filler_length = 120 - 3 * word_length;
constexpr std::size_t handle_length = prefix.size() + 120;

constexpr std::array<signed char, 256> make_values() {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < letters.size(); ++i)
    values[static_cast<unsigned char>(letters[i])] = static_cast<signed char>(i);
  return values;
}
constexpr auto values = make_values();

// The finalizer of splitmix64: every bit of the input moves half of the output's.
constexpr std::uint64_t scramble(std::uint64_t word) {
  word += 0x9e3779b97f4a7c15;
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
  word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
  return word ^ (word >> 31);
}

void append_word(std::string& to, std::uint64_t word) {
  for (std::size_t i = 0; i < word_length; ++i, word >>= 6) to.push_back(letters[word & 63]);
}

std::uint64_t read_word(std::string_view text) {
  std::uint64_t word = 0;
  for (std::size_t i = word_length; i-- > 0;)
    word = (word << 6) | static_cast<std::uint64_t>(values[static_cast<unsigned char>(text[i])] & 63);
  return word;
}

}  // namespace

receipt_handles::receipt_handles(std::uint64_t seed) : secret_(scramble(seed)) {
  for (auto word = secret_; filler_.size() < filler_length; word = scramble(word)) append_word(filler_, word);
  filler_.resize(filler_length);
}

std::uint64_t receipt_handles::seal(receipt of, std::uint64_t queue) const {
  return scramble(scramble(scramble(of.serial ^ secret_) ^ of.number) ^ queue);
}

std::string receipt_handles::write(receipt of, std::uint64_t queue) const {
  std::string handle;
  handle.reserve(handle_length);
  handle.append(prefix).append(filler_);
  const auto check = seal(of, queue);
  append_word(handle, check);
  append_word(handle, of.serial ^ scramble(check));
  append_word(handle, of.number ^ scramble(check + 1));
  return handle;
}

boost::system::result<receipt, fault> receipt_handles::read(std::string_view handle, std::uint64_t queue) const {
  fault invalid{400, "ReceiptHandleIsInvalid", "The input receipt handle is invalid."};
  if (handle.size() != handle_length || !handle.starts_with(prefix)) return invalid;
  const auto words = handle.substr(prefix.size() + filler_length);
  if (std::ranges::any_of(words, [](char c) { return values[static_cast<unsigned char>(c)] < 0; })) return invalid;
  const auto check = read_word(words);
  const auto number = read_word(words.substr(2 * word_length)) ^ scramble(check + 1);
  const receipt of{read_word(words.substr(word_length)) ^ scramble(check), static_cast<unsigned>(number)};
  if (of.number != number || seal(of, queue) != check) return invalid;
  return of;
}

}  // namespace lifehook::simulator
