#pragma once

#include "handlers/event.h"
#include "handlers/settings.h"
#include "worker/config_reader.h"

#include <vector>

namespace lifehook::worker {

// A step as it was read, and where its settings are written.
struct written_step {
  handlers::step_plan plan;
  written_map keys;
};
// Of a list: what runs together, one after the other.
using written_stage = std::vector<written_step>;
using written_list = std::vector<written_stage>;

// Reads the list of steps written for one kind of event, each against its row of the step table: keys, kinds, choices,
// what is required and what contradicts. How long they may take the whole list decides: config_limits.
written_list read_steps(config_reader& in, const written& at, handlers::event_kind of);

handlers::plan plan_of(const written_list& list);

}  // namespace lifehook::worker
