#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace lifehook::state {

// A group's turn as the current one of its service.
struct turn {
  std::string scaling_group;
  time_point since;   // of the launch that made it current
  time_point newest;  // of its newest launch
  bool operator==(const turn&) const = default;
};

// Who was current when, the last turn first: at most eight turns, neighbours of different groups. Launches may be told
// in any order, and twice: their event times count, and of two at the same time the name later in the alphabet.
using history = std::vector<turn>;

constexpr std::size_t longest_history = 8;

// What becomes of a history when a group launches an instance. Pure; the same launch told twice changes nothing. Of a
// turn only its ends are kept: one that a late launch falls into is split, and goes on with its newest launch.
history with_launch(history of, const std::string& scaling_group, time_point when);

// Whose turn it was at a time; nullptr: before all that is known.
const turn* turn_at(const history& of, time_point when);

// As one JSON text, and back. malformed: not such a text.
std::string to_text(const history& of);
result<history> read_history(std::string_view text);

}  // namespace lifehook::state
