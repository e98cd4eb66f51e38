#include "handlers/outcome.h"

namespace lifehook::handlers {

std::string_view name(outcome of) {
  switch (of) {
    case outcome::done: return "done";
    case outcome::skipped: return "skipped";
    case outcome::expected: return "expected";
    case outcome::gone: return "gone";
    case outcome::at_max: return "at_max";
    case outcome::called_off: return "called_off";
    case outcome::timeout: return "timeout";
    case outcome::failed: return "failed";
    case outcome::denied: return "denied";
    case outcome::no_capacity: return "no_capacity";
    case outcome::no_replacement: return "no_replacement";
    case outcome::max_100: return "max_100";
    case outcome::standalone_task: return "standalone_task";
    case outcome::protected_task: return "protected";
    case outcome::agent_disconnected: return "agent_disconnected";
    case outcome::lost: return "lost";
  }
  return "failed";
}

bool is_failure(outcome of) {
  switch (of) {
    case outcome::done:
    case outcome::skipped:
    case outcome::expected:
    case outcome::gone:
    case outcome::at_max:
    case outcome::called_off:
    case outcome::lost: return false;
    default: return true;
  }
}

}  // namespace lifehook::handlers
