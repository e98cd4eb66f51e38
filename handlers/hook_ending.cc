#include "handlers/hook_ending.h"

#include "aws/limits.h"
#include "base/metrics.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration default_grace = 15s;  // after a timer of AWS ran out, until it has acted

// Nobody kept it open until its timer ran out: its message lay in the queue, or in nobody's hands after a receive. One
// that comes back from the dead letters may be of long ago, and one that ended here comes again while SQS does not
// delete it.
bool was_missed(const open_hook& of) {
  const auto& with = of.keeps.with();
  const bool is_timer_known = of.global_timeout.has_value();
  const auto unattended = with.came_before ? of.age() : with.received - with.sent;
  return is_timer_known && unattended >= of.beats->timeout() && !of.services.ended.contains(*of.about);
}

}  // namespace

bool may_have_run_out(const open_hook& of) {
  if (!of.beats) return true;
  const auto last = of.beats->last_accepted();
  return (last ? of.now() - *last : of.age()) >= of.beats->timeout();
}

hook_ending ended_early(const open_hook& of) {
  if (of.keeps.is_message_lost() && !may_have_run_out(of)) {
    of.log.info("ended_elsewhere", {{"why", "its message was lost to another worker, which has completed it"}});
    return {"over", outcome::gone};
  }
  of.log.warn("ended_early",
              {{"why", "AWS ended the hook, or somebody else completed it, before this worker's steps were done"}});
  return {"ended_early", outcome::lost};
}

hook_ending over_before_completed(const open_hook& of, outcome ran) {
  if (!of.proven) return over_before_begun(of);
  if (!may_have_run_out(of)) return {"over", is_failure(ran) ? ran : outcome::gone};
  of.log.warn("ended_early", {{"why",
                               "the steps were done, but AWS's timer ran out before the completion reached AWS: the "
                               "hook's own default result stands"}});
  return {"ended_early", is_failure(ran) ? ran : outcome::lost};
}

hook_ending over_before_begun(const open_hook& of) {
  if (was_missed(of)) {
    of.log.warn(
        "over_before_begun",
        {{"why", of.keeps.with().came_before
                     ? "its timer ran out while no worker had it in hand; or it was completed, and comes again since "
                       "SQS did not delete it (settling_failed)"
                     : "its message lay in the queue for longer than the hook's timer: no worker ran, or all had as "
                       "many messages in hand as they may (in_hand, queue_full); unless somebody completed it "
                       "meanwhile, it ran out"},
         {"in_queue_seconds", of.keeps.with().received - of.keeps.with().sent}});
    return {"ended_early", outcome::lost};
  }
  const bool is_late = of.age() >= of.beats->timeout();
  of.log.write(
      is_late ? log_level::warn : log_level::info, "over_before_begun",
      {{"why", is_late ? "AWS knows no such action any more: it ended before this worker received its message, "
                         "which comes late, or again since SQS did not delete it (settling_failed)"
                       : "AWS knows no such action: a copy of one that was completed, or of none"}});
  return {"over", outcome::gone};
}

time_point default_applied(const open_hook& of) {
  auto last_set = of.now();
  if (of.beats) last_set = of.beats->last_accepted().value_or(of.keeps.with().came_before ? last_set : of.event_time);
  const auto timeout = of.beats && of.global_timeout ? of.beats->timeout() : aws::longest_heartbeat_timeout;
  const auto by = last_set + timeout + default_grace;
  return of.global_timeout ? std::min(by, of.event_time + *of.global_timeout + default_grace) : by;
}

verdict end_of(const open_hook& of, hook_ending how, time_point when) {
  of.services.counts.hooks_completed.add({of.to.name, name(of.about->kind), how.result});
  of.log.info("hook_ended", {{"transition", name(of.about->kind)},
                             {"result", how.result},
                             {"outcome", name(how.ran)},
                             {"open_seconds", std::max(when - of.event_time, duration::zero())}});
  of.services.ended.note(*of.about);
  return verdict::remove(how.ran);
}

}  // namespace lifehook::handlers
