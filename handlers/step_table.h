#pragma once

#include "base/error.h"
#include "base/log.h"
#include "handlers/event.h"
#include "handlers/outcome.h"
#include "handlers/settings.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

class step;
struct group;
struct step_services;

// What AWS must allow a step: a policy of deploy/iam, by its file's name. Needed always, or where a setting is written,
// or on one kind of event.
struct permission {
  std::string_view policy;
  std::string_view setting = {};  // written at all ("retain.count": of a nested one),
  std::string_view value = {};    // or as this (settings::texts)
  std::optional<event_kind> on = {};
  std::string_view remark = {};  // what a configuration does not tell of it, and a person must see to
};

// What the program knows of one kind of step: a new step is one small file and one row here.
struct step_kind {
  std::string_view name;                  // "drain_ecs"
  std::string_view help;                  // one line for `check` and errors
  std::vector<setting_spec> schema = {};  // besides timeout, dry_run, on_error, which every step takes
  std::vector<event_kind> events = {};    // it makes sense for these; elsewhere the configuration is refused
  // Says what contradicts what, for a person ("cluster and clusters exclude each other"); empty: fine. Null: nothing
  // can.
  std::string (*contradiction)(const settings& with) = nullptr;
  std::unique_ptr<step> (*make)(const settings& with, step_services& services) = nullptr;
  std::string (*describe)(const settings& with) = nullptr;  // the plan that `check` prints: "drain ECS cluster prod"
  bool (*gives_back)(const settings& with) = nullptr;       // whether step::give_back has something to do; null: no
  bool (*undoes)(const settings& with) = nullptr;           // the same of step::undo
  // What it keeps in order whether events come or not, begun here: soon after a worker's start, and every few hours.
  // Null: nothing.
  void (*upkeep)(const settings& with, const group& of, step_services& services, const logger& log) = nullptr;
  bool brings_replacement = false;           // its group launches another instance for it
  bool hears_running_tasks = false;          // also run when a standalone task has begun to run
  bool needs_shared_state = false;           // replicas must know what the others have done of it
  bool stands_aside = false;                 // its failure neither ends its list nor is its outcome
  std::vector<outcome> ends = {};            // how its event may end by it, beside failed and timeout
  std::vector<permission> permissions = {};  // beside what every worker needs
  // What of it goes on for as long as it may, so that it should have a timeout ("a drain that cannot finish").
  std::string_view may_never_end = {};
};

std::span<const step_kind> step_table();
const step_kind* find_step(std::string_view name);

// Whether a step, or one of a list's, gives back what it took for its event's time.
bool gives_back(const step_plan& one);
bool gives_back(const plan& list);
// The same of what is undone when its instance did not end.
bool undoes(const step_plan& one);
bool undoes(const plan& list);

// The ECS clusters that a step's settings name; `auto` where that is written.
std::vector<std::string> clusters_in(const step_plan& step);
// What its settings name that stands for this word in deploy/iam.
std::vector<std::string> written_as(std::string_view word, const step_plan& step);

}  // namespace lifehook::handlers
