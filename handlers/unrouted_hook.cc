#include "handlers/unrouted_hook.h"

#include "base/within.h"
#include "handlers/deadline.h"

namespace lifehook::handlers {

namespace {

constexpr duration parting_beat = std::chrono::seconds(3);

}  // namespace

unrouted_hook::unrouted_hook(step_services& with, const group& likely, std::shared_ptr<const event> about,
                             tenure& keeps, logger log)
    : services_(with), likely_(likely), about_(std::move(about)), keeps_(keeps), deadline_(with.time) {
  arm(std::nullopt);
  if (!is_past_deadline())
    beats_.emplace(with, static_cast<heartbeats::listener&>(*this), about_, likely.name, std::move(log));
  if (is_past_deadline())
    beats_.reset();  // also by the hook's own timing
  else
    beats_->begin();  // no step waits for its proof
}

void unrouted_hook::arm(std::optional<duration> global_timeout) {
  const auto& terms = keeps_.with();
  const auto when = deadline_of({about_->kind, keeps_.happened(about_->time), terms.sent, terms.first_received,
                                 likely_.deadline, global_timeout});
  keeps_.set_deadline(when);
  deadline_.set(when, [this] { keeps_.end(give_up::deadline); });
}

void unrouted_hook::timing_known(const aws::lifecycle_hook& hook) {
  timeout_shortened(hook.heartbeat_timeout);
  arm(hook.global_timeout);
}

void unrouted_hook::timeout_shortened(duration to) {
  keeps_.set_longest_delay(quarter(to));
  keeps_.limit_visibility(quarter(to));
}

duration unrouted_hook::event_age() const { return keeps_.age_of(keeps_.happened(about_->time), services_.time.now()); }

task<> unrouted_hook::part() {
  if (beats_) co_await within(services_.time, parting_beat, beats_->beat_now());
}

}  // namespace lifehook::handlers
