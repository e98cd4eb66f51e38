#pragma once

#include "base/error.h"
#include "handlers/event.h"
#include "handlers/settings.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

class step;
struct step_services;

// What the program knows of one kind of step: a new step is one small file and one row here.
struct step_kind {
  std::string_view name;             // "drain_ecs"
  std::string_view help;             // one line for `check` and errors
  std::vector<setting_spec> schema;  // besides timeout, dry_run, on_error, which every step takes
  std::vector<event_kind> events;    // it makes sense for these; elsewhere the configuration is refused
  // Says what contradicts what, for a person ("cluster and clusters exclude each other"); empty: fine.
  std::string (*contradiction)(const settings& with);
  std::unique_ptr<step> (*make)(const settings& with, step_services& services);
  std::string (*describe)(const settings& with);  // for the plan that `check` prints: "drain ECS cluster prod"
  bool hears_running_tasks = false;               // also run when a standalone task has begun to run
};

std::span<const step_kind> step_table();
const step_kind* find_step(std::string_view name);

}  // namespace lifehook::handlers
