#pragma once

#include "base/log.h"
#include "handlers/event.h"
#include "handlers/group.h"
#include "handlers/tenure.h"

#include <memory>

namespace lifehook::handlers {

struct step_services;

// What a list of steps, and each of them, runs about. Outlives the runs.
struct occasion {
  step_services& services;
  const group& to;
  std::shared_ptr<const event> about;
  tenure& keeps;
  logger log;
};

}  // namespace lifehook::handlers
