#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <forward_list>
#include <string>

namespace lifehook::handlers {

class step_context;

// Why something that is done about an event does not go on, for one who asks.
struct hindrance {
  enum class kind { outage, wait };
  kind what = kind::wait;
  const step_context* of = nullptr;  // the step that is kept waiting; null: what is done outside of steps
  time_point since{};
  std::string word{};   // the meaning of an outage; of a wait its outcome should time run out, where that is known
  std::string doing{};  // of an outage: what was asked
  std::string text{};
};

// That AWS does not answer, or denies.
hindrance outage_of(const error& why, std::string doing, time_point now, const step_context* of = nullptr);

// All of one event in hand. Most often there are none, and a hundred thousand events may be in hand: that takes the
// room of a pointer.
class hindrances {
 public:
  // Takes the place of what was said of the same; since when stays.
  void note(hindrance now);
  void end(const step_context* of, hindrance::kind what);
  void end(const step_context* of);

  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::forward_list<hindrance> all_;
};

}  // namespace lifehook::handlers
