#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"
#include "handlers/outcome.h"

#include <optional>
#include <string>

namespace lifehook::handlers {

// How to wait until the next look.
struct rest {
  duration wait;                  // at most: whoever rests may be woken before
  bool is_steps_own_time = true;  // false: it does not count against the step's timeout
  bool in_hand = false;           // false: a message that this worker should not keep any longer is put back instead
};

// One run of a step that waits by looking at AWS again and again. Between two looks it is only this object: no
// coroutine of its event is alive, for thousands of events wait so at once (handlers/running_step.h). Lives as long as
// the step runs.
class vigil {
 public:
  virtual ~vigil() = default;
  // One look, and what follows from it. nullopt: look again after `until_next`. Errors are as those of step::run.
  virtual task<result<std::optional<outcome>>> look() = 0;
  virtual rest until_next() const = 0;
  // How far it has come, in words, without asking AWS.
  virtual std::string progress() const = 0;
};

}  // namespace lifehook::handlers
