#pragma once

#include "handlers/event.h"
#include "handlers/heartbeats.h"
#include "handlers/occasion.h"
#include "handlers/services.h"
#include "handlers/tenure.h"

#include <memory>
#include <optional>

namespace lifehook::handlers {

// One lifecycle hook in hand, as it is known to those who work on it: its steps, its completion, its end. Owned by the
// lifecycle action.
struct open_hook : occasion {
  time_point event_time;
  time_point deadline;
  std::optional<duration> global_timeout{};  // once known
  std::optional<heartbeats> beats{};         // while it is to be kept open
  bool proven = true;                        // AWS has shown that it is open, or nobody asked
  bool over = false;                         // AWS knows no such action any more

  time_point now() const { return services.time.now(); }
  duration age() const { return keeps.age_of(event_time, now()); }
  bool is_launch() const { return about->kind == event_kind::launching; }
};

}  // namespace lifehook::handlers
