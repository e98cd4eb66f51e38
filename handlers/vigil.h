#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"
#include "handlers/outcome.h"

#include <optional>

namespace lifehook::handlers {

// One run of a step that waits by looking at AWS again and again. Between two looks nothing of it runs, and no
// coroutine of its event is kept: thousands of events rest at once (handlers/running_step.h). Lives as long as the step
// runs.
class vigil {
 public:
  virtual ~vigil() = default;
  // One look, and what follows from it. nullopt: look again after `until_next`. Errors are as those of step::run.
  virtual task<result<std::optional<outcome>>> look() = 0;
  virtual duration until_next() const = 0;
  // Whether the next look only confirms what this one has seen: the step is as good as done, its message is not given
  // back for that, and its timeout does not end it.
  virtual bool confirms() const { return false; }
};

}  // namespace lifehook::handlers
