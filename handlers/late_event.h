#pragma once

#include "base/async.h"
#include "handlers/event.h"
#include "handlers/outcome.h"
#include "state/store.h"

namespace lifehook::handlers {

// Leaves a note, for an hour, that an interruption was worked on to a good end. Other kinds have no window: no note.
task<result<>> note_worked_on(state::store& in, const event& about);

// How an event ends whose window is over: `skipped` when its work was done before, by whoever (its message came twice,
// or was requeued since); `timeout` when it was received too late for any work; else `failed`.
task<outcome> end_of_window(state::store& in, const event& about, bool was_late);

}  // namespace lifehook::handlers
