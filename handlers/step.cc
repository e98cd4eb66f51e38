#include "handlers/step.h"

#include "handlers/deadline.h"
#include "handlers/services.h"

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

time_point step_context::event_time() const { return about_.time.value_or(tenure_.with().sent); }

void step_context::answered() {
  const auto now = services_.hook.time.now();
  answered_ += now - last_sign_;
  last_sign_ = now;
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
  const auto wait = full_jitter(between_tries, attempt, services_.hook.random);
  if (tenure_.should_requeue(services_.hook.time.now())) tenure_.requeue_for(wait);
  co_await services_.hook.time.sleep_for(wait);
  last_sign_ = services_.hook.time.now();
}

task<result<>> step_context::put_off(duration wait) {
  constexpr duration longest_pause = 1min;  // between chances to give it back
  const auto longest = longest_off(tenure_.with().release_by, services_.hook.time.now());
  if (tenure_.with().may_requeue) tenure_.requeue_for(std::min(wait, longest));
  return pause(std::min(wait, longest_pause));
}

task<result<>> step_context::pause(duration wait, clock::sleep_handle* by) { return spend(wait, false, by); }

task<result<>> step_context::pause_in_hand(duration wait, clock::sleep_handle* by) { return spend(wait, true, by); }

task<result<>> step_context::spend(duration wait, bool in_hand, clock::sleep_handle* by) {
  answered();
  if (timeout_) {
    if (answered_ >= *timeout_) co_return error{errc::timeout, "the step's timeout is used up"};
    wait = std::min(wait, *timeout_ - answered_);
  }
  const auto now = services_.hook.time.now();
  if (in_hand ? now >= tenure_.with().release_by : tenure_.should_requeue(now)) tenure_.requeue_for(wait);
  co_await services_.hook.time.sleep_for(wait, by);
  answered();
  co_return result<>();
}

}  // namespace lifehook::handlers
