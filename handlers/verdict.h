#pragma once

#include "base/clock.h"
#include "handlers/outcome.h"

#include <string_view>

namespace lifehook::handlers {

// What should become of the message that carried an event. Handlers cannot delete a message: the delivery does.
struct verdict {
  enum class kind {
    remove,
    requeue,
    retry,  // AWS did not answer before we knew whose event it is
    leave,
  };
  kind what = kind::remove;
  duration delay{0};            // of requeue
  outcome how = outcome::done;  // what is told of its event
  // For metrics and `handle`; both are names that live as long as the program's configuration.
  std::string_view group = {};  // the configured group; empty when it is nobody's
  std::string_view word = {};   // an outcome, or foreign, left, unanswered, joined, unrouted
  std::string_view why = {};    // of foreign, for people
  std::string_view would = {};  // of a dry run: what a real one would do to the hook, for people,
  bool in_the_wait = true;      // if AWS showed its instance there

  static verdict remove(outcome how) { return {kind::remove, {}, how}; }
  static verdict requeue(duration delay) { return {kind::requeue, delay, outcome::done}; }
  static verdict retry() { return {kind::retry, {}, outcome::failed}; }
  static verdict leave(outcome how) { return {kind::leave, {}, how}; }
};

constexpr std::string_view name(verdict::kind of) {
  switch (of) {
    case verdict::kind::remove: return "remove";
    case verdict::kind::requeue: return "requeue";
    case verdict::kind::retry: return "retry";
    case verdict::kind::leave: return "leave";
  }
  return "leave";
}

}  // namespace lifehook::handlers
