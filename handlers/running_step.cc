#include "handlers/running_step.h"

#include "handlers/services.h"
#include "handlers/standing.h"

#include <utility>

namespace lifehook::handlers {

namespace {

bool is_dry(const bound_step& of, const occasion& on) { return of.plan.dry_run || on.services.dry_run; }

std::optional<duration> timeout_of(const bound_step& of, phase what) {
  return what == phase::give_back ? std::nullopt : of.plan.timeout;
}

}  // namespace

running_step::running_step(const bound_step& of, phase what, const occasion& on)
    : of_(of),
      tenure_(on.keeps),
      context_(on, of.name, timeout_of(of, what), is_dry(of, on)),
      next_(std::exchange(on.keeps.steps(), this)),
      phase_(what) {}

running_step::~running_step() {
  vigil_.reset();
  if (has_begun_ && !has_ended_) record().cut_short();
  leave();
}

// From now on it is none of those that run. It may be kept on: its siblings are not done.
void running_step::leave() {
  auto** at = &tenure_.steps();
  while (*at && *at != this) at = &(*at)->next_;
  if (*at) *at = next_;
}

step_time running_step::time() {
  return {context_, tenure_, context_.timeout() && phase_ == phase::run && !context_.dry_run()};
}

step_record running_step::record() { return {context_, tenure_, time(), of_.plan.step}; }

step_standing running_step::standing() const {
  auto told = context_.standing();
  if (vigil_) told.why.insert(told.why.begin(), {.what = "progress", .text = vigil_->progress()});
  return told;
}

task<> running_step::begin() {
  auto kept = time();
  co_await kept.recall();
  if (phase_ != phase::run || !of_.does->looks_first()) co_await context_.proven();
  has_begun_ = true;
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
  if (has_begun_)
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

task<outcome> running_step::to_end() {
  for (;;) {
    const auto ended = co_await go_on();
    if (ended) co_return *ended;
    co_await context_.rest_here();
  }
}

outcome running_step::end(const result<outcome>& ran) {
  has_ended_ = true;
  const auto end = record().end(ran);
  vigil_.reset();
  leave();
  tenure_.hindered().end(&context_);
  if (is_failure(end) && !of_.stands_aside) {
    if (!context_.has_failed_for_good()) tenure_.list().try_again();
    if (phase_ == phase::run) tenure_.list().note_failure({of_.plan.step, end});
  }
  return end;
}

}  // namespace lifehook::handlers
