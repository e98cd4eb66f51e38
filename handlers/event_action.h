#pragma once

#include "base/async.h"
#include "handlers/verdict.h"

namespace lifehook::handlers {

// One event in hand. Lives for one delivery, owned by the reception.
struct event_action {
  virtual ~event_action() = default;
  // Until its message may be settled. Once.
  virtual task<verdict> attend() = 0;
};

}  // namespace lifehook::handlers
