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

step_context::step_context(const group& in, const event& about, tenure& keeps, step_services& with, logger to,
                           std::optional<duration> timeout, bool dry_run, std::string_view as, std::size_t alike)
    : group_(in),
      about_(about),
      tenure_(keeps),
      services_(with),
      log_(std::move(to)),
      timeout_(timeout),
      dry_run_(dry_run),
      as_(as),
      alike_(alike),
      watch_(with.time.now()) {}

time_point step_context::now() const { return services_.time.now(); }
duration step_context::uptime() const { return services_.time.uptime(); }

time_point step_context::event_time() const {
  return about_.time.value_or(tenure_.with().sent + tenure_.with().clock_ahead);
}

time_point step_context::counts_from() const { return std::max(happened(), tenure_.list().put_off_until()); }

std::string step_context::time_key() const { return handlers::time_key(about_, event_time(), as_); }

std::string step_context::owner() const {
  return fmt::format("{}/{}/{}/{}/{}", services_.owner, name(about_.kind), about_.subject(), about_.id, as_);
}

task<> step_context::proven() {
  if (tenure_.is_proven()) co_return;
  co_await tenure_.proven();
  watch_.begin_anew(now());
}

task<> step_context::wait_out(std::string_view doing, error why, unsigned attempt) {
  if (is_worth_saying(attempt))
    log_.error("outage",
               {{"doing", doing}, {"meaning", aws::word_for(why)}, {"attempt", attempt + 1}, {"error", why.what()}});
  watch_.stand();
  co_await rest_or_requeue(services_.time, tenure_, full_jitter(between_tries, attempt, services_.random));
  watch_.stood(now());
}

task<result<>> step_context::pause_in_queue(duration wait) {
  constexpr duration longest_pause = 1min;  // between chances to give it back
  const auto longest = longest_off(tenure_.with().release_by, now());
  if (tenure_.with().may_requeue) tenure_.requeue_for(std::min(wait, longest));
  return pause_or_requeue(std::min(wait, longest_pause));
}

task<result<>> step_context::pause_or_requeue(duration wait, clock::sleep_handle* by) {
  return spend(wait, rest_or_requeue, by);
}

task<result<>> step_context::pause_in_hand(duration wait, clock::sleep_handle* by) {
  return spend(wait, rest_in_hand, by);
}

task<result<>> step_context::pause_to_confirm(duration wait, clock::sleep_handle* by) {
  return spend(wait, rest_in_hand, by, limit::none);
}

task<result<>> step_context::spend(duration wait, resting rests, clock::sleep_handle* by, limit of) {
  watch_.sign(now());
  if (timeout_ && of == limit::timeout) {
    if (watch_.used() >= *timeout_) co_return error{errc::timeout, "the step's timeout is used up"};
    wait = std::min(wait, *timeout_ - watch_.used());
  }
  co_await rests(services_.time, tenure_, wait, by);
  watch_.sign(now());
  co_return result<>();
}

}  // namespace lifehook::handlers
