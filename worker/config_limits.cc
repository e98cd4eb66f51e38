#include "worker/config_limits.h"

#include "base/time_text.h"
#include "handlers/deadline.h"
#include "handlers/step_table.h"

#include <fmt/format.h>

namespace lifehook::worker {

using handlers::event_kind;
using handlers::setting_spec;

namespace {

// What the steps of one list are measured against.
class limits {
 public:
  limits(config_reader& in, event_kind of, duration deadline, bool gives_back)
      : in_(in),
        kind_(of),
        deadline_(deadline),
        gives_back_(gives_back),
        interruption_(handlers::interruption_work(of, gives_back)) {}

  void check(const written_step& step) {
    const auto timeout = step.plan.timeout;
    const bool timeout_fits = timeout && is_within_deadline(step.keys["timeout"], *timeout);
    for (const auto& spec : handlers::find_step(step.plan.step)->schema) {
      if (spec.means == handlers::span_meaning::before_change && timeout && step.plan.with.has(spec.key))
        refuse(step.keys["timeout"],
               fmt::format("{} waits for what may be two weeks ahead: leave timeout out", spec.key));
      if (!spec.is_wait()) continue;
      const auto at = step.keys[spec.key];
      const auto wait = step.plan.with.get<duration>(spec.key);
      const bool wait_fits = wait ? is_within_work(at, *wait) : !at;  // written and not there: it was misread
      if (timeout_fits && wait_fits) check_timeout(step, spec);
    }
  }

 private:
  bool is_within_deadline(const written& at, duration span) {
    if (span <= deadline_) return true;
    return refuse(at, fmt::format("{} is longer than the group's deadline of {}, which ends the event first",
                                  to_text(span), to_text(deadline_)));
  }

  // A wait of a step's own must also end before the event's work does, and before the instance does.
  bool is_within_work(const written& at, duration span) {
    if (!is_within_deadline(at, span)) return false;
    if (interruption_ && span > *interruption_)
      return refuse(
          at, fmt::format("{} is longer than the {} that {} leaves before {}", to_text(span), to_text(*interruption_),
                          name(kind_), gives_back_ ? "what its list raised is given back" : "the instance ends"));
    const auto work = handlers::work_within(deadline_);
    if (span <= work) return true;
    return refuse(at, fmt::format("{} is longer than the {} that the group's deadline of {} leaves for work",
                                  to_text(span), to_text(work), to_text(deadline_)));
  }

  // A step that may wait for all it may take never ends well: AWS's answers take time of it too.
  void check_timeout(const written_step& step, const setting_spec& spec) {
    const auto wait = step.plan.with.get_or(spec.key, spec.default_wait);
    if (wait < *step.plan.timeout) return;
    refuse(step.keys["timeout"], fmt::format("{} must be longer than {} of {}{}", to_text(*step.plan.timeout), spec.key,
                                             to_text(wait), step.plan.with.has(spec.key) ? "" : ", its default"));
  }

  bool refuse(const written& at, const std::string& why) {
    in_.complain(at, why);
    return false;
  }

  config_reader& in_;
  event_kind kind_;
  duration deadline_;
  bool gives_back_;  // what the list takes for the event's time: that ends its work earlier
  std::optional<duration> interruption_;
};

}  // namespace

void check_limits(config_reader& in, const written_list& list, event_kind of, duration deadline) {
  limits within(in, of, deadline, gives_back(plan_of(list)));
  for (const auto& together : list)
    for (const auto& each : together) within.check(each);
}

}  // namespace lifehook::worker
