#include "handlers/capacity_note.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace lifehook::handlers {

namespace {

constexpr std::array<std::string_view, 5> words{"raising", "raised", "ending", "lowering", "restored"};

}  // namespace

std::string to_text(const capacity_note& of) {
  return std::string(words[static_cast<std::size_t>(of.at)]).append(" ").append(std::to_string(of.desired));
}

std::optional<capacity_note> read_capacity_note(std::string_view text) {
  const auto space = text.find(' ');
  const auto* const word = std::find(words.begin(), words.end(), text.substr(0, space));
  if (space == std::string_view::npos || word == words.end()) return std::nullopt;
  capacity_note read{static_cast<capacity_note::step>(word - words.begin()), 0};
  const auto* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data() + space + 1, end, read.desired);
  if (number.ec != std::errc{} || number.ptr != end) return std::nullopt;
  return read;
}

std::string capacity_key(std::string_view scaling_group, std::string_view instance) {
  return std::string("capacity|").append(scaling_group).append("|").append(instance);
}

std::string capacity_lock(std::string_view scaling_group) { return std::string("capacity|").append(scaling_group); }

}  // namespace lifehook::handlers
