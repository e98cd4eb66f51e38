#include "handlers/unrouted_hook.h"

#include "handlers/deadline.h"

#include <algorithm>

namespace lifehook::handlers {

namespace {

duration longest_of(const std::vector<const group*>& groups) {
  duration longest{0};
  for (const auto* each : groups) longest = std::max(longest, each->deadline);
  return longest;
}

}  // namespace

time_point unrouted_hook::deadline_among(const std::vector<const group*>& likely, const event& about,
                                         const tenure& keeps) {
  const auto& terms = keeps.with();
  return deadline_of(
      {about.kind, keeps.happened(about.time), terms.sent, terms.first_received, longest_of(likely), std::nullopt});
}

unrouted_hook::unrouted_hook(step_services& with, const std::vector<const group*>& likely,
                             std::shared_ptr<const event> about, tenure& keeps, logger log)
    : services_(with), about_(std::move(about)), keeps_(keeps), on_board_(with.deadlines), deadline_(with.time) {
  const auto deadline = deadline_among(likely, *about_, keeps_);
  on_board_.show(deadline, longest_of(likely));
  beats_.emplace(with, static_cast<heartbeats::listener&>(*this), about_, likely.front()->name, std::move(log));
  beats_->begin();  // no step waits for its proof
  deadline_.set(deadline, [this] {
    beats_.reset();
    on_board_.hide();
  });
}

// What was drained by who had it before is undone by who it belongs to.
void unrouted_hook::action_over() {
  on_board_.hide();
  if (about_->ends_instance()) keeps_.end(give_up::over);
}

duration unrouted_hook::event_age() const { return keeps_.age_of(keeps_.happened(about_->time), services_.time.now()); }

task<> unrouted_hook::part() {
  if (beats_) co_await beats_->part(keeps_.why());
}

}  // namespace lifehook::handlers
