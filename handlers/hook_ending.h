#pragma once

#include "handlers/open_hook.h"
#include "handlers/verdict.h"

#include <string_view>

namespace lifehook::handlers {

// How a hook ended: in the words of lifehook_hooks_completed_total, and what that means for its event.
struct hook_ending {
  std::string_view result;
  outcome ran;
};

// AWS's timer ran out, or somebody else completed it, while it was in hand: the instance ends with what was still to be
// done. Says so. Of a message that was lost to another worker, which has completed it in time: over.
hook_ending ended_early(const open_hook& of);
// It was over when its steps were done and it was to be completed: by a copy in another worker's hands, or, which is
// said as ended early, because AWS's timer may have run out while the completion waited for AWS to take it. Where its
// deadline came before AWS had shown that it is open, over before begun.
hook_ending over_before_completed(const open_hook& of, outcome ran);
// It was over before its steps had begun: a copy, or ended early where its message was received too late. Says why, as
// far as can be told. While it has its heartbeats.
hook_ending over_before_begun(const open_hook& of);

// Whether AWS's timer may have: neither it nor we can tell what another worker has sent meanwhile, which only puts it
// off.
bool may_have_run_out(const open_hook& of);

// When AWS will have applied the hook's own default result, at the latest, if no heartbeat is sent any more.
time_point default_applied(const open_hook& of);

// Counts and logs the end, once, and lets the message go. `when` the hook ended: its instance may have taken longer.
verdict end_of(const open_hook& of, hook_ending how, time_point when);

}  // namespace lifehook::handlers
