#include "handlers/running_step.h"

#include "handlers/services.h"
#include "handlers/standing.h"

#include <utility>

namespace lifehook::handlers {

namespace {

bool is_dry(const bound_step& of, const occasion& on) { return of.plan.dry_run || on.with.dry_run; }

std::optional<duration> timeout_of(const bound_step& of, phase what) {
  return what == phase::give_back ? std::nullopt : of.plan.timeout;
}

}  // namespace

running_step::running_step(const bound_step& of, phase what, const occasion& on)
    : of_(of),
      phase_(what),
      tenure_(on.keeps),
      context_(on, {of.plan.step, of.name, of.alike}, timeout_of(of, what), is_dry(of, on)),
      time_(context_, on.keeps, timeout_of(of, what) && what == phase::run && !is_dry(of, on)),
      next_(std::exchange(on.keeps.steps(), this)) {}

running_step::~running_step() {
  auto** at = &tenure_.steps();
  while (*at && *at != this) at = &(*at)->next_;
  if (*at) *at = next_;
}

step_standing running_step::stand() const {
  auto told = context_.stand();
  if (vigil_) told.why.insert(told.why.begin(), {.what = "progress", .text = vigil_->progress()});
  return told;
}

task<> running_step::begin() {
  co_await time_.recall();
  if (phase_ != phase::run || !of_.does->looks_first()) co_await context_.proven();
  record_.emplace(context_, tenure_, time_, of_.plan.step);
  if (phase_ == phase::run) vigil_ = of_.does->keep_vigil(context_);
}

task<result<outcome>> running_step::run() {
  switch (phase_) {
    case phase::undo: return of_.does->undo(context_);
    case phase::give_back: return of_.does->give_back(context_);
    case phase::run: break;
  }
  return of_.does->run(context_);
}

task<std::optional<outcome>> running_step::go_on() {
  if (record_)
    context_.rested();
  else
    co_await begin();
  if (!vigil_) co_return end(co_await run());
  const auto looked = co_await vigil_->look();
  if (looked.has_error()) co_return end(looked.error());
  if (*looked) co_return end(**looked);
  const auto rest = context_.begin_rest(vigil_->until_next());
  if (rest.has_error()) co_return end(rest.error());
  co_return std::nullopt;
}

task<result<outcome>> running_step::to_end() {
  for (;;) {
    const auto ended = co_await go_on();
    if (ended) co_return *ended;
    co_await context_.rest_here();
  }
}

outcome running_step::end(const result<outcome>& ran) {
  const auto end = record_->end(ran);
  if (is_failure(end) && !of_.stands_aside) {
    if (!context_.has_failed_for_good()) tenure_.list().try_again();
    if (phase_ == phase::run) tenure_.list().note_failure({of_.plan.step, end});
  }
  return end;
}

}  // namespace lifehook::handlers
