#pragma once

#include "base/clock.h"
#include "handlers/work_stage.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

struct event_action;
class tenure;
struct hindrance;

// Why something does not go on.
struct standing_reason {
  std::string_view what;  // outage, waiting, asking, progress, proof, or a stage's word
  std::string word{};     // the meaning of an outage; why it is stuck, as an outcome
  std::string doing{};    // what was asked
  std::string text{};     // for people
  std::optional<duration> lasts{};
};

struct step_standing {
  std::string_view name;  // within its list: "drain_ecs/1.1"
  duration running{};     // in this hand
  std::optional<duration> timeout{};
  duration used{};  // of the timeout, over all receives, without outages
  std::vector<standing_reason> why{};
};

// How the work on an event in hand stands, for one who asks why it hangs. Made when asked for, never kept: its names
// are those of what runs now.
struct standing {
  work_stage stage = work_stage::routing;
  std::string_view group{};          // as configured; empty: not known yet
  std::string_view scaling_group{};  // where the event itself does not tell
  std::optional<duration> last_beat{};
  std::optional<duration> timer{};  // of AWS, until it ends the hook; past that below zero
  bool proven = false;              // the lifecycle action is known to be open
  std::vector<step_standing> steps{};
  std::vector<standing_reason> why{};  // outside of steps
};

standing_reason reason_of(const hindrance& of, time_point now);
// `action`: null while it is not known whose the event is.
standing standing_of(const tenure& work, const event_action* action, time_point now);

}  // namespace lifehook::handlers
