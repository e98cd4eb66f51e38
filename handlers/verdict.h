#pragma once

#include "base/clock.h"
#include "handlers/outcome.h"

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
  duration delay{0};             // of requeue
  outcome how = outcome::done;   // of remove
};

}  // namespace lifehook::handlers
