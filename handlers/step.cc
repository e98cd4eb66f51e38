#include "handlers/step.h"

#include "aws/fault.h"
#include "handlers/deadline.h"
#include "handlers/patience.h"
#include "handlers/services.h"
#include "handlers/step_times.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr backoff_limits between_tries{1s, 30s};

}  // namespace

step_context::step_context(const occasion& on, step_name name, std::optional<duration> timeout, bool dry_run)
    : on_(on), name_(name), timeout_(timeout), dry_run_(dry_run), watch_(on.services.time.now()) {}

time_point step_context::now() const { return on_.services.time.now(); }
duration step_context::uptime() const { return on_.services.time.uptime(); }

time_point step_context::event_time() const {
  return on_.about->time.value_or(on_.keeps.with().sent + on_.keeps.with().clock_ahead);
}

time_point step_context::counts_from() const { return std::max(happened(), on_.keeps.list().put_off_until()); }

std::string step_context::time_key() const { return handlers::time_key(*on_.about, event_time(), name_.as); }

std::string step_context::owner() const {
  return fmt::format("{}/{}/{}/{}/{}", on_.services.owner, name(on_.about->kind), on_.about->subject(), on_.about->id,
                     name_.as);
}

task<> step_context::proven() {
  if (on_.keeps.is_proven()) co_return;
  co_await on_.keeps.proven();
  watch_.begin_anew(now());
}

task<> step_context::wait_out(std::string_view doing, error why, unsigned attempt) {
  if (is_worth_saying(attempt))
    log().error("outage",
                {{"doing", doing}, {"meaning", aws::word_for(why)}, {"attempt", attempt + 1}, {"error", why.what()}});
  watch_.stand();
  co_await rest_or_requeue(on_.services.time, on_.keeps, full_jitter(between_tries, attempt, on_.services.random));
  watch_.stood(now());
}

task<result<>> step_context::pause_in_queue(duration wait) {
  constexpr duration longest_pause = 1min;  // between chances to give it back
  const auto longest = longest_off(on_.keeps.with().release_by, now());
  if (on_.keeps.with().may_requeue) on_.keeps.requeue_for(std::min(wait, longest));
  return pause_or_requeue(std::min(wait, longest_pause));
}

task<result<>> step_context::pause_or_requeue(duration wait) { return spend(wait, rest_or_requeue); }

task<result<>> step_context::pause_in_hand(duration wait) { return spend(wait, rest_in_hand); }

// As much of it as the step's own time allows.
result<duration> step_context::allowed(duration wait, limit by) {
  watch_.sign(now());
  if (!timeout_ || by == limit::none) return wait;
  if (watch_.used() >= *timeout_) return error{errc::timeout, "the step's timeout is used up"};
  return std::min(wait, *timeout_ - watch_.used());
}

task<result<>> step_context::spend(duration wait, resting rests) {
  const auto span = allowed(wait, limit::timeout);
  if (span.has_error()) co_return span.error();
  co_await rests(on_.services.time, on_.keeps, *span);
  watch_.sign(now());
  co_return result<>();
}

result<> step_context::begin_rest(const rest& until_next) {
  rests_unproven_ = !is_proven();  // what that takes is not the step's time
  const bool counts = until_next.is_steps_own_time && !rests_unproven_;
  const auto span = allowed(until_next.wait, counts ? limit::timeout : limit::none);
  if (span.has_error()) return span.error();
  rest_ = *span;
  auto& keeps = on_.keeps;
  const bool in_hand = until_next.in_hand || rests_unproven_;
  if (in_hand ? keeps.must_requeue(now()) : keeps.should_requeue(now())) keeps.requeue_for(rest_);
  return {};
}

task<> step_context::rest_here() {
  return rests_unproven_ ? on_.keeps.proven() : on_.services.time.sleep_for(rest_, &resting_);
}

void step_context::rested() {
  if (!rests_unproven_)
    watch_.sign(now());
  else if (is_proven())
    watch_.begin_anew(now());
  else
    watch_.stood(now());
}

void step_context::wake() {
  resting_.wake();
  on_.keeps.wake();
}

}  // namespace lifehook::handlers
