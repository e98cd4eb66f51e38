#include "handlers/plan_run.h"

#include "base/side_by_side.h"

namespace lifehook::handlers {

outcome together(std::optional<outcome> so_far, outcome next) {
  if (!so_far) return next;
  if (is_failure(*so_far) || next == outcome::skipped) return *so_far;
  if (next == outcome::done) return *so_far == outcome::skipped ? next : *so_far;
  return next;
}

task<std::optional<outcome>> plan_run::go_on() {
  for (; stage_ < stages_.size(); ++stage_) {
    const auto& stage = stages_[stage_];
    const auto ends = co_await go_on_with(stage);
    if (!ends) co_return std::nullopt;
    if (note(stage, *ends)) break;
  }
  co_return so_far_.value_or(outcome::done);
}

task<outcome> plan_run::to_end() {
  for (;;) {
    const auto ended = co_await go_on();
    if (ended) co_return *ended;
    co_await step_->rest_here();
  }
}

task<std::optional<std::vector<outcome>>> plan_run::go_on_with(const bound_stage& stage) {
  if (stage.size() > 1) co_return co_await run_together(stage);
  if (!step_) step_ = std::make_unique<running_step>(stage.front(), phase::run, on_);
  const auto ended = co_await step_->go_on();
  if (!ended) co_return std::nullopt;
  step_.reset();
  co_return std::vector{*ended};
}

// One branch's failure does not stop its siblings.
task<std::vector<outcome>> plan_run::run_together(const bound_stage& stage) {
  std::vector<std::unique_ptr<running_step>> running;
  std::vector<task<outcome>> branches;
  for (const auto& each : stage) {
    running.push_back(std::make_unique<running_step>(each, phase::run, on_));
    branches.push_back(running.back()->to_end());
  }
  const auto ran = co_await side_by_side(std::move(branches));
  std::vector<outcome> ends;
  for (const auto& each : ran) ends.push_back(each.value());
  co_return ends;
}

// True: the list stops here.
bool plan_run::note(const bound_stage& stage, const std::vector<outcome>& ends) {
  bool stops = false;
  for (std::size_t i = 0; i < stage.size(); ++i) {
    if (stage[i].stands_aside) continue;
    so_far_ = together(so_far_, ends[i]);
    stops = stops || ends[i] == outcome::called_off;
    stops = stops || (is_failure(ends[i]) && stage[i].plan.failure == on_error::stop);
  }
  return stops;
}

}  // namespace lifehook::handlers
