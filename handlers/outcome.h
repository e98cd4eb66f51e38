#pragma once

#include <string_view>

namespace lifehook::handlers {

// How a step, an event or a hook ended: the words of every `outcome` label and log field.
enum class outcome {
  done,
  skipped,  // nothing to do
  expected,
  gone,  // the instance or the action is no longer there
  at_max,
  called_off,  // AWS no longer plans what it announced: the rest of the list has nothing to do
  timeout,
  failed,
  denied,
  no_capacity,      // a drain: nowhere to place the tasks
  no_replacement,   // a drain: the task that takes another's place does not come up
  max_100,          // a drain: minimumHealthyPercent = maximumPercent = 100 forbids both stop and start
  standalone_task,  // a drain: a task no service moves
  protected_task,   // a drain: task scale-in protection
  agent_disconnected,
  lost,  // the instance died with work on it, or its hook ended before the work was done
};

std::string_view name(outcome of);

// Whether it ends a list (unless on_error: next) and calls for on_failure.
bool is_failure(outcome of);

}  // namespace lifehook::handlers
