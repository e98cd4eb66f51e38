#include "handlers/instance_action.h"

#include "handlers/deadline.h"
#include "handlers/late_event.h"
#include "handlers/lifecycle_state.h"
#include "handlers/lifecycle_state_look.h"
#include "handlers/maintenance.h"
#include "handlers/patience.h"
#include "handlers/standing.h"
#include "handlers/step_times.h"

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr backoff_limits between_tries{2s, 30s};
constexpr duration last_chance = 1min;      // to give back, when all time was used up by then
constexpr duration settled_for = 24h * 21;  // AWS Health tells of a change about two weeks ahead, more than once

constexpr std::string_view state_unread = "reading_state_failed";
constexpr std::string_view settled_note = "done";
constexpr std::string_view awaits_return_note = "returns";

std::string progress_key(const event& about) {
  const auto starts = about.starts.value_or(time_point()).time_since_epoch().count();
  return "change|" + about.change.get() + "|" + about.instance + "|" + std::to_string(starts);
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
  tenure_.enter(work_stage::steps);
}

void instance_action::tell(standing& into) const { into.scaling_group = about_->group; }

// Giving back needs the last seconds of an interruption: the instance is ended while it is still there to be.
time_point instance_action::window_end() const {
  const auto& with = tenure_.with();
  const auto from = std::max(with.first_received, tenure_.by_our_clock(steps_.begins(*about_)));
  const auto told = tenure_.happened(about_->time);
  auto end = deadline_of({about_->kind, told, with.sent, from, group_.deadline, std::nullopt});
  const auto window = interruption_window(about_->kind);
  if (window && steps_.gives_back()) end = std::min(end, give_back_by(told, *window));
  return end;
}

task<std::optional<verdict>> instance_action::attend() {
  if (services_.dry_run) {
    const auto tried = co_await tenure_.work().guard(try_until_done());
    co_return verdict::leave(tried.has_value() ? *tried : outcome::failed);
  }
  if (comes_in_copies(*about_)) {
    const auto known = co_await tenure_.work().guard(read_progress());
    if (known.has_error()) {
      const auto goes_back = requeued();
      co_return goes_back ? *goes_back : unanswered(known.error());
    }
    so_far_ = *known;
  }
  if (so_far_ == progress::settled) co_return end_of(outcome::skipped);
  const auto ended = co_await work();
  if (ended.has_error()) co_return *requeued();
  co_return end_of(*ended);
}

verdict instance_action::end_of(outcome ran) const {
  const auto age = services_.time.now() - tenure_.happened(about_->time);
  log_.info("event_ended",
            {{"kind", name(about_->kind)}, {"outcome", name(ran)}, {"age_seconds", std::max(age, duration::zero())}});
  return verdict::remove(ran);
}

// This and what it awaits end with an error only where the message goes back: `requeued` then says how.
task<result<outcome>> instance_action::work() {
  result<outcome> ran = outcome::done;
  if (so_far_ == progress::none) ran = co_await work_within_window();
  if (ran.has_error()) co_return ran;
  if (is_failure(*ran)) tenure_.list().fail();
  if (const auto given = co_await give_back_in_time(); given.has_error()) co_return given.error();
  const auto undone = co_await undo_after(*ran);
  if (undone.has_error()) co_return undone.error();
  if (*undone && !is_failure(*ran)) co_await note_progress(progress::settled);  // else the next copy tries to undo it
  co_return ran;
}

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
  if (!steps_.gives_back()) co_return result<>();
  tenure_.enter(work_stage::giving_back);
  tenure_.begin_again();
  alarm limit(services_.time);
  limit_giving_back(limit);
  const auto given = co_await tenure_.work().guard(give_back());
  if (given.has_error() && requeued()) co_return given.error();
  if (given.has_error() || is_failure(*given))
    log_.error("not_given_back", {{"advice", "compare the group's desired capacity with what it should be"}});
  co_return result<>();
}

// What was called off may have been begun, at an earlier try.
instance_action::undoing instance_action::undoing_after(outcome ran) const {
  if (ran == outcome::skipped || !steps_.undoes()) return undoing::nothing;
  if (ran == outcome::called_off) return undoing::at_once;
  return instance_returns(*about_) ? undoing::once_returned : undoing::nothing;
}

// False: it could not be undone, and that was said.
task<result<bool>> instance_action::undo_after(outcome ran) {
  const auto what = undoing_after(ran);
  if (what == undoing::nothing) co_return true;
  if (what == undoing::once_returned && !is_failure(ran)) co_await note_progress(progress::awaits_return);
  tenure_.enter(work_stage::awaits_return);
  tenure_.begin_again();
  const auto undone = co_await tenure_.work().guard(undo(what));
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
  return verdict::requeue(tenure_.delay());
}

// What Auto Scaling is ending, or about to launch, is for its hook's list to care for. In no group: nobody else does.
task<bool> instance_action::still_serves() {
  const auto state = co_await lifecycle_state(services_, about_->instance, tenure_, rest_or_requeue, log_);
  const bool does = state.empty() || serves(state);
  if (!does) log_.info("left_draining", {{"lifecycle_state", state}});
  co_return does;
}

task<result<>> instance_action::undo(undoing when) {
  if (when == undoing::once_returned) {
    if (const auto waited = co_await wait_for_return(services_, *about_, tenure_, log_); waited.has_error())
      co_return waited.error();
  }
  const bool serves = co_await still_serves();
  if (!serves) co_return result<>();
  const auto undone = co_await steps_.undo(about_, tenure_, log_);
  if (is_failure(undone)) co_return error{errc::rejected, "undoing its list ended as " + std::string(name(undone))};
  co_return result<>();
}

// Near the dead-letter queue an outage of the state is waited out in hand, as one of the look-up is (reception).
task<result<instance_action::progress>> instance_action::read_progress() {
  const attempts by{services_.time, services_.random, between_tries, log_, state_unread, "reading the state"};
  const auto note =
      co_await ask_while_kept(by, tenure_, [this] { return services_.state.note(progress_key(*about_)); });
  if (note.has_error()) co_return note.error();
  if (*note == settled_note) co_return progress::settled;
  co_return *note == awaits_return_note ? progress::awaits_return : progress::none;
}

verdict instance_action::unanswered(const error& why) const {
  log_.error(state_unread, {{"error", why.what()}});
  return verdict::retry();
}

task<> instance_action::note_progress(progress how_far) {
  if (!comes_in_copies(*about_) || std::exchange(so_far_, how_far) == how_far) co_return;
  const std::string note(how_far == progress::settled ? settled_note : awaits_return_note);
  if (const auto noted = co_await services_.state.write_note(progress_key(*about_), note, settled_for);
      noted.has_error())
    log_.warn("change_not_noted", {{"error", noted.error().what()}});
}

task<> instance_action::rest_before(unsigned attempt) {
  return rest_or_requeue(services_.time, tenure_, full_jitter(between_tries, attempt, services_.random));
}

task<outcome> instance_action::try_until_done() {
  for (unsigned attempt = 0;; ++attempt) {
    const auto ran = co_await steps_.run(about_, tenure_, log_);
    if (!is_failure(ran) || services_.dry_run || !tenure_.list().is_worth_another_try()) co_return ran;
    tenure_.list().end_times();
    tenure_.enter(work_stage::between_tries);
    co_await rest_before(attempt);
    tenure_.enter(work_stage::steps);
  }
}

task<outcome> instance_action::give_back() {
  for (unsigned attempt = 0;; ++attempt) {
    const auto ran = co_await steps_.give_back(about_, tenure_, log_);
    if (!is_failure(ran)) co_return ran;
    co_await rest_before(attempt);
  }
}

}  // namespace lifehook::handlers
