#include "handlers/step_record.h"

#include "aws/fault.h"
#include "base/metrics.h"
#include "handlers/services.h"

namespace lifehook::handlers {

outcome step_record::end(const result<outcome>& ran) {
  if (ran.has_error()) return end_with(ran.error());
  write(*ran, {});
  time_.end();
  return *ran;
}

outcome step_record::end_with(const error& why) {
  if (context_.dry_run() && is_outage(why.code())) return would_hold(why);
  const bool has_timed_out = why.code() == errc::expired;
  const auto end = has_timed_out ? context_.if_too_late() : outcome::failed;
  write(end, why.what());
  if (has_timed_out)
    time_.leave();  // it is up, also for whoever runs the list again
  else
    time_.end();
  return end;
}

outcome step_record::would_hold(const error& why) {
  context_.log().warn("would_hold", {{"meaning", aws::word_for(why)}, {"error", why.what()}});
  tenure_.list().note_would_hold();
  write(outcome::skipped, {});
  return outcome::skipped;
}

void step_record::cut_short() {
  if (tenure_.why() != give_up::deadline) return time_.leave();
  tenure_.list().cut_short(context_.if_too_late());
  write(context_.if_too_late(), "the deadline came first");
}

void step_record::write(outcome end, std::string_view why) {
  const auto took = context_.runs_for();
  auto& counts = context_.services().counts;
  counts.steps.add({step_, context_.configured().name, name(end)});
  counts.step_duration.observe({step_, name(end)}, took);
  const auto level = is_failure(end) ? log_level::warn : log_level::info;
  if (why.empty())
    context_.log().write(level, "step_ended", {{"outcome", name(end)}, {"took_seconds", took}});
  else
    context_.log().write(level, "step_ended", {{"outcome", name(end)}, {"took_seconds", took}, {"error", why}});
}

}  // namespace lifehook::handlers
