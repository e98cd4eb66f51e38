#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lifehook::handlers {

// How far the raise for one instance has come. Written to the state before AWS is told: "raising to 5" found by whoever
// goes on means that desired is 5 already, or was not raised.
struct capacity_note {
  enum class step { raising, raised, ending, lowering, restored };
  step at = step::raising;
  int desired = 0;  // of raising and lowering: what it is to become
  bool operator==(const capacity_note&) const = default;
};

std::string to_text(const capacity_note& of);
std::optional<capacity_note> read_capacity_note(std::string_view text);  // nullopt: not ours

// Keys of the state.
std::string capacity_key(std::string_view scaling_group, std::string_view instance);
std::string capacity_lock(std::string_view scaling_group);

}  // namespace lifehook::handlers
