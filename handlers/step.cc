#include "handlers/step.h"

#include "handlers/deadline.h"
#include "handlers/patience.h"
#include "handlers/services.h"
#include "handlers/step_times.h"

#include <fmt/format.h>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr backoff_limits between_tries{1s, 30s};

}  // namespace

step_context::step_context(const group& in, const event& about, tenure& of, step_services& with, logger to,
                           std::optional<duration> timeout, bool dry_run, std::string_view as)
    : group_(in),
      about_(about),
      tenure_(of),
      services_(with),
      log_(std::move(to)),
      timeout_(timeout),
      dry_run_(dry_run),
      as_(as),
      started_(with.hook.time.now()),
      last_sign_(started_) {}

// By AWS's clock: names are made of it, which must be the same everywhere.
time_point step_context::event_time() const {
  return about_.time.value_or(tenure_.with().sent + tenure_.with().clock_ahead);
}

void step_context::go_on_after(duration used) { answered_ = used; }

time_note step_context::time_so_far() const {
  const auto now = services_.hook.time.now();
  if (in_outage_) return {time_key(), time_text(answered_, step_clock::stands, now)};
  return {time_key(), time_text(answered_ + (now - last_sign_), step_clock::runs, now)};
}

std::string step_context::time_key() const { return handlers::time_key(about_, event_time(), as_); }

void step_context::answered() {
  const auto now = services_.hook.time.now();
  answered_ += now - last_sign_;
  last_sign_ = now;
  in_outage_ = false;
}

std::string step_context::owner() const {
  return fmt::format("{}/{}/{}{}/{}/{}", services_.owner, name(about_.kind), about_.instance, about_.task_arn,
                     about_.id, as_);
}

task<> step_context::proven() {
  if (tenure_.is_proven()) co_return;
  auto proving = tenure_.proven();
  co_await std::move(proving);
  started_ = last_sign_ = services_.hook.time.now();
}

task<> step_context::wait_out(std::string_view doing, error why, unsigned attempt) {
  log_.error("outage",
             {{"doing", doing}, {"meaning", name(why.code())}, {"attempt", attempt + 1}, {"error", why.what()}});
  in_outage_ = true;
  auto resting = rest(services_.hook.time, tenure_, full_jitter(between_tries, attempt, services_.hook.random));
  co_await std::move(resting);
  last_sign_ = services_.hook.time.now();
}

task<result<>> step_context::put_off(duration wait) {
  constexpr duration longest_pause = 1min;  // between chances to give it back
  const auto longest = longest_off(tenure_.with().release_by, services_.hook.time.now());
  if (tenure_.with().may_requeue) tenure_.requeue_for(std::min(wait, longest));
  return pause(std::min(wait, longest_pause));
}

task<result<>> step_context::pause(duration wait, clock::sleep_handle* by) { return spend(wait, rest, by); }

task<result<>> step_context::pause_in_hand(duration wait, clock::sleep_handle* by) {
  return spend(wait, rest_in_hand, by);
}

task<result<>> step_context::pause_to_confirm(duration wait, clock::sleep_handle* by) {
  return spend(wait, rest_in_hand, by, false);
}

task<result<>> step_context::spend(duration wait, resting rests, clock::sleep_handle* by, bool is_timed) {
  answered();
  if (timeout_ && is_timed) {
    if (answered_ >= *timeout_) co_return error{errc::timeout, "the step's timeout is used up"};
    wait = std::min(wait, *timeout_ - answered_);
  }
  auto resting = rests(services_.hook.time, tenure_, wait, by);
  co_await std::move(resting);
  answered();
  co_return result<>();
}

}  // namespace lifehook::handlers
