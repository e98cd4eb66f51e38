#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace lifehook::handlers {

// What the state tells of one instance for whose sake desired capacity was raised; no note: nothing was.
enum class capacity_stage {
  raised,   // its raise has taken effect
  ending,   // written before Auto Scaling is asked to end it with decrement
  restored  // given back, or not to be given back any more
};

std::string to_text(capacity_stage of);
std::optional<capacity_stage> read_capacity_stage(std::string_view text);  // nullopt: not ours

// What the state tells of one group: desired capacity is being set for an instance's sake. Written before AWS is told.
struct capacity_change {
  std::string instance;
  int from = 0;
  int to = 0;  // more: a raise; less: what was raised is given back
  bool operator==(const capacity_change&) const = default;
};

std::string to_text(const capacity_change& of);
std::optional<capacity_change> read_capacity_change(std::string_view text);  // nullopt: none that is on its way
constexpr std::string_view no_capacity_change = "settled";

// What stands there after raises, in words that say as well that none is on its way.
struct settled_raise {
  int from = 0;  // of the first of those that followed each other closely
  int to = 0;
  time_point when{};
  bool operator==(const settled_raise&) const = default;
};

std::string to_text(const settled_raise& of);
std::optional<settled_raise> read_settled_raise(std::string_view text);
// The last raise and those just before it: as long as the list may lag behind them it may show what any of them began
// at.
settled_raise raised_by(const capacity_change& made, const std::optional<settled_raise>& before, time_point now);
// What desired is where Auto Scaling shows this: its list may show the capacity of before the raise for a moment, and
// two who counted on the same capacity would both give back one raise, or one would take the other's away.
int desired_after(const std::optional<settled_raise>& last, int shown, time_point now);

// The stage of its instance once it has taken effect.
capacity_stage stage_after(const capacity_change& of);
// Whether it took effect, by what desired is now. Where others have moved desired since, it is judged so that capacity
// is rather left over than taken twice from a group: a lowering is not made again unless desired is as it was.
bool has_taken_effect(const capacity_change& of, int desired);

// Keys of the state: the notes of an instance and of a group, and the lock under which they and desired change.
std::string capacity_key(std::string_view scaling_group, std::string_view instance);
std::string capacity_change_key(std::string_view scaling_group);
std::string capacity_lock(std::string_view scaling_group);

}  // namespace lifehook::handlers
