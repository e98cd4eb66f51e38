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
  outcome how = outcome::done;  // of remove
  // For metrics and `handle`; both are names that live as long as the program's configuration.
  std::string_view group = {};  // the configured group; empty when it is nobody's
  std::string_view word = {};   // an outcome, or foreign, left, unanswered, joined, unrouted
  std::string_view why = {};    // of foreign, for people
  std::string_view would = {};  // of a dry run: what a real one would do to the hook, for people,
  bool in_the_wait = true;      // if AWS showed its instance there
};

}  // namespace lifehook::handlers
