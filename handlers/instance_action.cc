#include "handlers/instance_action.h"

#include "handlers/deadline.h"
#include "handlers/instance_return.h"
#include "handlers/late_event.h"
#include "handlers/maintenance.h"
#include "handlers/patience.h"
#include "handlers/step_times.h"

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr backoff_limits between_tries{2s, 30s};
constexpr duration last_chance = 1min;      // to give back, when all time was used up by then
constexpr duration settled_for = 24h * 21;  // AWS Health tells of a change about two weeks ahead, more than once

constexpr std::string_view state_unread = "reading_state_failed";

// One change may come in several copies, of several pages: each instance is worked on once for each start.
constexpr std::string_view settled = "done";
// Its list is done, and its message comes again for the instance's return alone: long after the window, most often.
constexpr std::string_view awaits_return = "returns";

std::string progress_key(const event& about) {
  const auto starts = about.starts.value_or(time_point()).time_since_epoch().count();
  return "change|" + about.change + "|" + about.instance + "|" + std::to_string(starts);
}

bool comes_in_copies(const event& about) { return about.kind == event_kind::scheduled_change && !about.change.empty(); }

}  // namespace

instance_action::instance_action(step_services& with, const group& of, plan_runner& steps,
                                 std::shared_ptr<const event> about, tenure& keeps, logger log)
    : services_(with),
      group_(of),
      steps_(steps),
      about_(std::move(about)),
      tenure_(keeps),
      log_(std::move(log)),
      deadline_(window_end()) {
  tenure_.set_deadline(deadline_);
}

// Giving back needs the last seconds of an interruption: the instance is ended while it is still there to be.
time_point instance_action::window_end() const {
  const auto& with = tenure_.with();
  const auto from = std::max(with.first_received, steps_.begins(*about_));
  const auto told = tenure_.happened(about_->time);
  auto end = deadline_of({about_->kind, told, with.sent, from, group_.deadline, std::nullopt});
  const auto window = interruption_window(about_->kind);
  if (window && steps_.gives_back()) end = std::min(end, give_back_by(told, *window));
  return end;
}

task<verdict> instance_action::attend() {
  if (services_.dry_run) {
    const auto tried = co_await tenure_.work().guard(try_until_done());
    co_return verdict{verdict::kind::leave, {}, tried.has_value() ? *tried : outcome::failed};
  }
  bool was_done = false;
  if (comes_in_copies(*about_)) {
    const auto known = co_await tenure_.work().guard(progress());
    if (known.has_error()) co_return requeued().value_or(unanswered(known.error()));
    if (*known == settled) co_return verdict{verdict::kind::remove, {}, outcome::skipped};
    was_done = *known == awaits_return;
  }
  co_return co_await work_on(was_done);
}

task<verdict> instance_action::work_on(bool was_done) {
  result<outcome> worked = outcome::done;
  if (!was_done) {
    worked = co_await work_within_window();
    if (worked.has_error()) co_return *requeued();
  }
  if (is_failure(*worked)) tenure_.list().fail();
  if (steps_.gives_back())
    if (const auto given = co_await give_back_in_time(); given.has_error()) co_return *requeued();
  bool is_undone = true;
  const bool off = *worked == outcome::called_off;
  const bool touched = *worked != outcome::skipped;  // what was called off may have been begun, at an earlier try
  if (touched && steps_.undoes() && (off || instance_returns(*about_))) {
    if (!off && !was_done && !is_failure(*worked)) co_await note_progress(awaits_return);
    const auto undone = co_await undo_in_time(off);
    if (undone.has_error()) co_return *requeued();
    is_undone = *undone;
  }
  // Else the next copy tries again to undo it.
  if (!is_failure(*worked) && is_undone) co_await note_progress(settled);
  co_return verdict{verdict::kind::remove, {}, *worked};
}

// Each of these three ends with an error only where the message goes back: `requeued` then says how.
task<result<outcome>> instance_action::work_within_window() {
  alarm window(services_.time);
  window.set(deadline_, [this] { tenure_.end(give_up::deadline); });
  const auto tried = co_await tenure_.work().guard(try_until_done());
  if (tried.has_error() && requeued()) {
    co_await note_times(services_, tenure_.list().take_times(), group_.deadline, log_);
    co_return tried.error();
  }
  co_return co_await (tried.has_value() ? note_end(*tried) : window_over());
}

task<result<>> instance_action::give_back_in_time() {
  tenure_.begin_again();
  alarm limit(services_.time);
  limit_giving_back(limit);
  const auto given = co_await tenure_.work().guard(give_back());
  if (given.has_error() && requeued()) co_return given.error();
  if (given.has_error() || is_failure(*given))
    log_.error("not_given_back", {{"advice", "compare the group's desired capacity with what it should be"}});
  co_return result<>();
}

// False: it could not be undone, and that was said.
task<result<bool>> instance_action::undo_in_time(bool at_once) {
  tenure_.begin_again();
  const auto undone = co_await tenure_.work().guard(undo_once_returned(at_once));
  if (undone.has_error() && requeued()) co_return undone.error();
  if (undone.has_error())
    log_.error("not_set_active",
               {{"error", undone.error().what()},
                {"advice", "set the container instance ACTIVE by hand once its maintenance is over"}});
  co_return undone.has_value();
}

// An interruption's instance must still be there to be ended; other events let their deadline pass first. Then it is
// done as well as it goes, however late.
void instance_action::limit_giving_back(alarm& limit) {
  const auto window = interruption_window(about_->kind);
  const auto told = tenure_.happened(about_->time);
  tenure_.list().set_give_back_by(window ? handlers::give_back_by(told, *window) : deadline_);
  const auto now = services_.time.now();
  limit.set(std::max({deadline_, tenure_.with().first_received + group_.deadline, now + last_chance}),
            [this] { tenure_.end(give_up::deadline); });
}

task<outcome> instance_action::note_end(outcome ended) {
  if (is_failure(ended)) co_return ended;
  if (const auto noted = co_await note_worked_on(services_.state, *about_); noted.has_error())
    log_.warn("event_not_noted", {{"error", noted.error().what()}});
  co_return ended;
}

task<outcome> instance_action::window_over() {
  const auto ended = co_await end_of_window(services_.state, *about_, tenure_.with().first_received >= deadline_);
  log_.write(is_failure(ended) ? log_level::warn : log_level::info, "window_ended",
             {{"outcome", name(ended)}, {"step_outcome", name(tenure_.list().if_too_late())}});
  co_return ended;
}

std::optional<verdict> instance_action::requeued() const {
  if (tenure_.why() != give_up::stop && tenure_.why() != give_up::hold) return std::nullopt;
  return verdict{verdict::kind::requeue, tenure_.delay(), outcome::done};
}

// What Auto Scaling is ending, or about to launch, is for its hook's list to care for. In no group: nobody else does.
task<bool> instance_action::still_serves() {
  const auto state = co_await lifecycle_state(services_, about_->instance, tenure_, rest_or_requeue, log_);
  const bool serves = state->empty() || *state == "InService" || *state == "Standby";
  if (!serves) log_.info("left_draining", {{"lifecycle_state", *state}});
  co_return serves;
}

task<result<>> instance_action::undo_once_returned(bool at_once) {
  if (!at_once) {
    if (const auto waited = co_await wait_for_return(services_, *about_, tenure_, log_); waited.has_error())
      co_return waited.error();
  }
  const bool serves = co_await still_serves();
  if (!serves) co_return result<>();
  const auto undone = co_await steps_.undo(about_, tenure_, log_);
  if (undone.has_error()) co_return undone.error();
  if (is_failure(*undone)) co_return error{errc::rejected, "undoing its list ended as " + std::string(name(*undone))};
  co_return result<>();
}

// Near the dead-letter queue an outage of the state is waited out in hand, as one of the look-up is (reception).
task<result<std::string>> instance_action::progress() {
  const attempts by{services_.time, services_.random, between_tries, log_, state_unread};
  auto note = co_await ask_while_kept(by, tenure_, [this] { return services_.state.note(progress_key(*about_)); });
  if (note.has_error()) co_return std::move(note).error();
  co_return std::move(*note).value_or("");
}

verdict instance_action::unanswered(const error& why) const {
  log_.error(state_unread, {{"error", why.what()}});
  return {verdict::kind::retry, {}, outcome::failed};
}

task<> instance_action::note_progress(std::string_view how_far) {
  if (!comes_in_copies(*about_)) co_return;
  if (const auto noted = co_await services_.state.write_note(progress_key(*about_), std::string(how_far), settled_for);
      noted.has_error())
    log_.warn("change_not_noted", {{"error", noted.error().what()}});
}

task<> instance_action::rest_before(unsigned attempt) {
  return rest_or_requeue(services_.time, tenure_, full_jitter(between_tries, attempt, services_.random));
}

task<result<outcome>> instance_action::try_until_done() {
  for (unsigned attempt = 0;; ++attempt) {
    auto ran = co_await steps_.run(about_, tenure_, log_);
    if (ran.has_error() || !is_failure(*ran) || services_.dry_run || !tenure_.list().is_worth_another_try())
      co_return ran;
    tenure_.list().end_times();
    co_await rest_before(attempt);
  }
}

task<result<outcome>> instance_action::give_back() {
  for (unsigned attempt = 0;; ++attempt) {
    auto ran = co_await steps_.give_back(about_, tenure_, log_);
    if (ran.has_error() || !is_failure(*ran)) co_return ran;
    co_await rest_before(attempt);
  }
}

}  // namespace lifehook::handlers
