#include "handlers/step.h"

#include "aws/fault.h"
#include "base/within.h"
#include "handlers/deadline.h"
#include "handlers/patience.h"
#include "handlers/services.h"
#include "handlers/standing.h"
#include "handlers/step_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr backoff_limits between_tries{1s, 30s};

std::string_view advice_on(const error& why) {
  if (why.code() != errc::denied) return "nothing, unless it lasts: it is asked again";
  if (aws::word_for(why) != "denied") return "correct the name in the configuration, or make what it names";
  return "allow what `lifehook policy` prints for this configuration, or see to what the error says";
}

}  // namespace

step_context::step_context(const occasion& on, const step_name& name, std::optional<duration> timeout, bool dry_run)
    : on_(on),
      name_(name),
      timeout_(timeout.value_or(no_timeout)),
      dry_run_(dry_run),
      watch_(uptime(), on.keeps.by_clock_of_aws(now())) {}

step_context::~step_context() { on_.keeps.hindered().end(this); }

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
  watch_.begin_anew(uptime());
}

task<> step_context::wait_out(std::string_view doing, error why, unsigned attempt) {
  if (is_worth_saying(attempt))
    log().error("outage", {{"doing", doing},
                           {"meaning", aws::word_for(why)},
                           {"attempt", attempt + 1},
                           {"error", why.what()},
                           {"advice", advice_on(why)}});
  watch_.stop_counting();
  on_.keeps.hindered().note(outage_of(why, std::string(doing), now(), this));
  co_await rest_or_requeue(on_.services.time, on_.keeps, full_jitter(between_tries, attempt, on_.services.random));
  watch_.leave_out_until(uptime());
}

std::optional<duration> step_context::time_left() const {
  std::optional<duration> left;
  if (const auto ends = deadline()) left = *ends - now();
  if (const auto most = timeout()) left = std::min(left.value_or(duration::max()), *most - watch_.used_until(uptime()));
  return left;
}

void step_context::tell_outage_over(std::string_view doing, unsigned attempts) const {
  log().info("outage_over", {{"doing", doing}, {"attempts", attempts}});
}

// AWS has answered, or a wait is over: an outage has ended.
void step_context::count_up_to_now() {
  watch_.count_to(uptime());
  on_.keeps.hindered().end(this, hindrance::kind::outage);
}

void step_context::stuck(std::optional<outcome> why, std::string text, time_point since) {
  stuck_ = why;
  on_.keeps.hindered().note(
      {.of = this, .since = since, .word = std::string(why ? name(*why) : ""), .text = std::move(text)});
}

void step_context::goes_on() {
  stuck_.reset();
  on_.keeps.hindered().end(this, hindrance::kind::wait);
}

void step_context::waits_for(std::string text) {
  on_.keeps.hindered().note({.of = this, .since = now(), .text = std::move(text)});
}

step_standing step_context::standing() const {
  step_standing told{name_.as, runs_for(), timeout(), is_proven() ? watch_.used_until(uptime()) : watch_.used()};
  const bool asks_in_vain = std::any_of(on_.keeps.hindered().begin(), on_.keeps.hindered().end(), [this](auto& each) {
    return each.of == this && each.what == hindrance::kind::outage;
  });
  if (!is_proven() && !asks_)
    told.why.push_back({.what = "proof",
                        .text = "AWS has not shown yet that the lifecycle action is open: nothing is changed before"});
  for (const auto& each : on_.keeps.hindered())
    if (each.of == this) told.why.push_back(reason_of(each, now()));
  if (asks_ && !asks_in_vain)
    told.why.push_back({.what = "asking", .doing = std::string(*asks_), .lasts = uptime() - watch_.reckoned_to()});
  return told;
}

task<result<>> step_context::pause_in_queue(duration wait) { return spend(wait, rest_in_queue); }

task<result<>> step_context::pause_or_requeue(duration wait) { return spend(wait, rest_or_requeue); }

task<result<>> step_context::pause_in_hand(duration wait) { return spend(wait, rest_in_hand); }

task<> step_context::stand_in_line(task<result<>> turn) {
  constexpr duration longest = std::chrono::seconds(1);
  watch_.stop_counting();
  if (on_.keeps.should_requeue(now())) on_.keeps.requeue_for(longest);
  co_await within(on_.services.time, longest, std::move(turn));
  watch_.leave_out_until(uptime());
}

// As much of it as the step's own time allows.
result<duration> step_context::allowed(duration wait, limit by) {
  count_up_to_now();
  if (timeout_ == no_timeout || by == limit::none) return wait;
  if (watch_.used() >= timeout_) return error{errc::expired, "the step's timeout is used up"};
  return std::min(wait, timeout_ - watch_.used());
}

task<result<>> step_context::spend(duration wait, resting rests) {
  const auto span = allowed(wait, limit::timeout);
  if (span.has_error()) co_return span.error();
  co_await rests(on_.services.time, on_.keeps, *span);
  count_up_to_now();
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
    count_up_to_now();
  else if (is_proven())
    watch_.begin_anew(uptime());
  else
    watch_.leave_out_until(uptime());
}

void step_context::wake() {
  resting_.wake();
  on_.keeps.wake();
}

}  // namespace lifehook::handlers
