#include "handlers/lifecycle_action.h"

#include "base/within.h"
#include "handlers/deadline.h"
#include "handlers/hook_end.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration not_yet_pause = 5s;
constexpr backoff_limits completing{500ms, 30s};
constexpr duration longest_heartbeat_timeout = 2h;
constexpr duration default_grace = 15s;  // after a timer of AWS ran out, until it has acted
constexpr duration over_look = 15s;
constexpr duration list_lag = 60s;               // of DescribeAutoScalingInstances, at most
constexpr duration longest_open = 48h;           // of any hook, whatever its heartbeats
constexpr duration last_look = 1min;             // at an instance that ends, when its state cannot be read
constexpr duration longest_replacement = 30min;  // of a root volume, the reboot included
constexpr duration parting_beat = 3s;            // short: a stop waits for it

// The call may have been carried out all the same.
bool is_unanswered(errc why) { return why == errc::timeout || why == errc::unreachable; }

std::string_view wire_word(aws::hook_result of) { return of == aws::hook_result::proceed ? "continue" : "abandon"; }

time_point first_deadline(const event& about, const tenure& of, const group& to,
                          std::optional<duration> global_timeout) {
  return deadline_of({about.kind, about.time, of.with().sent, of.with().first_received, to.deadline, global_timeout});
}

}  // namespace

lifecycle_action::lifecycle_action(step_services& with, const group& of, plan_runner& steps, plan_runner* undo,
                                   std::shared_ptr<const event> about, tenure& keeps,
                                   std::function<void(duration)> limit_visibility, logger log)
    : services_(with),
      group_(of),
      steps_(steps),
      undo_(undo),
      about_(std::move(about)),
      tenure_(keeps),
      limit_visibility_(std::move(limit_visibility)),
      log_(std::move(log)),
      event_time_(about_->time.value_or(keeps.with().sent)),
      deadline_(first_deadline(*about_, keeps, of, std::nullopt)),
      on_board_(with.deadlines, deadline_),
      deadline_alarm_(with.hook.time) {
  services_.hook.counts.hooks_held.add({group_.name, name(about_->kind)}, 1);
}

lifecycle_action::~lifecycle_action() { services_.hook.counts.hooks_held.add({group_.name, name(about_->kind)}, -1); }

void lifecycle_action::timing_known(const aws::lifecycle_hook& hook) {
  tenure_.set_longest_delay(quarter(hook.heartbeat_timeout));
  limit_visibility_(quarter(hook.heartbeat_timeout));
  global_timeout_ = hook.global_timeout;
  deadline_ = first_deadline(*about_, tenure_, group_, global_timeout_);
  on_board_.move_to(deadline_);
  if (deadline_alarm_.is_set()) arm_deadline();
}

void lifecycle_action::action_over() {
  over_ = true;
  tenure_.end(give_up::over);
}

void lifecycle_action::arm_deadline() {
  deadline_alarm_.set(deadline_, [this] { tenure_.end(give_up::deadline); });
}

task<verdict> lifecycle_action::attend() {
  if (services_.dry_run) {
    auto trying = tenure_.work().guard(dry_run());
    const auto tried = co_await std::move(trying);
    co_return verdict{verdict::kind::leave, {}, tried.has_value() ? *tried : outcome::failed};
  }
  arm_deadline();
  if (!past_default()) {
    heartbeats_.emplace(services_.hook, static_cast<heartbeats::listener&>(*this), about_, group_.name, log_);
    tenure_.set_proof(heartbeats_->begin());
  }
  auto running = tenure_.work().guard(run_steps());
  const auto ran = co_await std::move(running);
  const bool was_open = tenure_.is_proven();
  tenure_.set_proof(nullptr);
  deadline_alarm_.unset();
  if (over_) {
    const auto timeout = heartbeats_->timeout();
    auto closing = close();
    if (const auto kept = co_await std::move(closing)) co_return *kept;
    co_return was_open ? ended_early() : was_over(timeout);
  }
  if (tenure_.why() == give_up::stop || tenure_.why() == give_up::hold) {
    auto giving = give_back();
    co_return co_await std::move(giving);
  }
  if (tenure_.why() == give_up::deadline) log_.warn("deadline_reached", {{"policy_applies", true}});
  auto deciding = decide(ran.has_value() ? *ran : tenure_.if_too_late());
  co_return co_await std::move(deciding);
}

// A heartbeat after the deadline would put off the default result that the policy asks AWS to apply.
bool lifecycle_action::past_default() const {
  return deadline_ <= services_.hook.time.now() && policy() == failure_policy::leave_default;
}

// An instance that returns from its warm pool is welcomed back before its launch list runs.
task<result<outcome>> lifecycle_action::run_steps() {
  const bool returns = undo_ && is_launch() && about_->origin == place::warm_pool;
  return returns ? welcome_then_run() : steps_.run(about_, tenure_, log_);
}

task<result<outcome>> lifecycle_action::welcome_then_run() {
  auto proving = tenure_.proven();
  co_await std::move(proving);
  auto asking = lifecycle_state();
  const auto state = co_await std::move(asking);
  if (state->starts_with("Pending") || *state == "InService") {  // not when it is on its way out again
    auto undoing = undo_->come_back(about_, tenure_, log_);
    const auto undone = co_await std::move(undoing);
    if (undone.has_value() && is_failure(*undone)) co_return *undone;
  }
  auto running = steps_.run(about_, tenure_, log_);
  co_return co_await std::move(running);
}

task<result<outcome>> lifecycle_action::dry_run() {
  auto running = run_steps();
  auto ran = co_await std::move(running);
  if (ran.has_value()) {
    const std::string would(is_failure(*ran) ? name(policy()) : "continue");
    const bool depends = tenure_.is_open() && !is_failure(*ran);
    log_.info("dry_run", {{"outcome", name(*ran)},
                          {"would", depends ? "wait, then continue or " + std::string(name(policy())) : would}});
  }
  co_return ran;
}

task<verdict> lifecycle_action::decide(outcome ran) {
  if (!is_failure(ran)) return finish(aws::hook_result::proceed, ran);
  log_.warn("steps_failed", {{"outcome", name(ran)}, {"policy", name(policy())}});
  if (policy() == failure_policy::leave_default) return leave_to_default(ran);
  return finish(policy() == failure_policy::proceed ? aws::hook_result::proceed : aws::hook_result::abandon, ran);
}

task<verdict> lifecycle_action::finish(aws::hook_result with, outcome ran) {
  tenure_.begin_again();
  auto finishing = tenure_.work().guard(complete(with));
  const auto finished = co_await std::move(finishing);
  if (finished.has_error() && finished.error().code() != errc::cancelled)
    co_return give_up_completing(finished.error(), ran);
  if (finished.has_error() && !over_) {
    auto giving = give_back();
    co_return co_await std::move(giving);
  }
  const auto end = finished_with(with, ran);
  auto closing = close();
  const auto kept = co_await std::move(closing);
  co_return kept.value_or(end);
}

verdict lifecycle_action::finished_with(aws::hook_result with, outcome ran) {
  if (!over_ || may_have_completed_) return removed(wire_word(with), ran);
  if (ran == outcome::gone || ran == outcome::lost) return ended_early();
  return removed("over", is_failure(ran) ? ran : outcome::gone);
}

// AWS's timer ran out, or somebody else completed it: the instance ends with what was still to be done.
verdict lifecycle_action::ended_early() {
  log_.warn("ended_early",
            {{"why", "AWS ended the hook, or somebody else completed it, before this worker's steps were done"}});
  return removed("ended_early", outcome::lost);
}

verdict lifecycle_action::was_over(duration timeout) {
  const bool may_have_run_out = event_age() >= timeout;
  log_.write(may_have_run_out ? log_level::warn : log_level::info, "over_before_begun",
             {{"why", may_have_run_out ? "AWS knows no such action any more: it ended before this worker received its "
                                         "message, perhaps because its time ran out"
                                       : "AWS knows no such action: a copy of one that was completed, or of none"}});
  return removed("over", outcome::gone);
}

// The hook has ended; the message goes once it is known that its instance does too. What the message must be kept with:
// it comes back, finds the hook over and looks again.
task<std::optional<verdict>> lifecycle_action::close() {
  heartbeats_.reset();
  if (is_launch() || !steps_.undoes()) co_return std::nullopt;
  tenure_.begin_again();
  auto welcoming = tenure_.work().guard(welcome_back());
  const auto welcomed = co_await std::move(welcoming);
  if (welcomed.has_value()) co_return std::nullopt;
  co_return verdict{verdict::kind::requeue, tenure_.why() == give_up::stop ? duration(0) : tenure_.delay(),
                    outcome::done};
}

// What is not known any more after an attempt that was not answered was ended by that one.
task<result<>> lifecycle_action::complete(aws::hook_result with) {
  for (unsigned attempt = 0;; ++attempt) {
    const bool may_have_arrived = std::exchange(may_have_completed_, true);
    auto calling = services_.hook.autoscaling.complete(action_of(*about_), with);
    const auto answer = co_await std::move(calling);
    if (answer.has_value()) co_return answer;
    may_have_completed_ = may_have_arrived || is_unanswered(answer.error().code());
    auto pause = full_jitter(completing, attempt, services_.hook.random);
    if (answer.error().code() == errc::not_found) {
      auto asking = is_over(services_.hook, *about_, event_age(), heartbeats_ && heartbeats_->accepted());
      const auto is = co_await std::move(asking);
      if (is.has_value() && *is) {
        over_ = true;
        co_return result<>();
      }
      pause = not_yet_pause;
    } else {
      log_.error(
          "completing_failed",
          {{"attempt", attempt + 1}, {"meaning", name(answer.error().code())}, {"error", answer.error().what()}});
      if (completing_is_over(answer.error().code())) co_return answer;
    }
    if (tenure_.should_requeue(services_.hook.time.now())) tenure_.requeue_for(pause);
    co_await services_.hook.time.sleep_for(pause);
  }
}

// A limit on the series: past the hook's global timeout AWS has ended it by itself. What is rejected, not refused for
// want of an answer, will hardly be accepted later: where that timeout is not known the deadline is the end.
bool lifecycle_action::completing_is_over(errc why) const {
  const auto now = services_.hook.time.now();
  if (global_timeout_) return now >= event_time_ + *global_timeout_;
  return now >= (why == errc::rejected ? deadline_ : event_time_ + longest_open);
}

verdict lifecycle_action::give_up_completing(const error& why, outcome ran) {
  heartbeats_.reset();
  log_.error("completing_given_up",
             {{"error", why.what()},
              {"advice",
               "complete the action by hand (aws autoscaling complete-lifecycle-action), or let AWS apply the "
               "hook's default result; the message is left to the queue's redrive policy"}});
  return {verdict::kind::leave, {}, ran};
}

// Heartbeats stop, and AWS applies the hook's own default result when its timer runs out; the message is kept until
// then.
task<verdict> lifecycle_action::leave_to_default(outcome ran) {
  tenure_.begin_again();
  const auto now = services_.hook.time.now();
  const auto last_set = heartbeats_ ? heartbeats_->last_accepted().value_or(came_before() ? now : event_time_) : now;
  const auto timeout = heartbeats_ && global_timeout_ ? heartbeats_->timeout() : longest_heartbeat_timeout;
  heartbeats_.reset();
  auto acted = last_set + timeout + default_grace;
  if (global_timeout_) acted = std::min(acted, event_time_ + *global_timeout_ + default_grace);
  deadline_ = acted;
  on_board_.move_to(deadline_);
  auto waiting = tenure_.work().guard(wait_until_over());
  const auto waited = co_await std::move(waiting);
  if (waited.has_error()) co_return verdict{verdict::kind::requeue, tenure_.delay(), ran};
  auto closing = close();
  if (const auto kept = co_await std::move(closing)) co_return *kept;
  co_return removed("default", ran);
}

task<result<>> lifecycle_action::wait_until_over() {
  for (;;) {
    auto asking = services_.hook.instances.instance(about_->instance);
    const auto found = co_await std::move(asking);
    if (found.has_value() && (!*found || !waits(about_->kind, (*found)->lifecycle_state))) co_return result<>();
    const auto now = services_.hook.time.now();
    if (found.has_value() && now >= deadline_) co_return result<>();  // another hook holds the same wait
    if (tenure_.should_requeue(now)) tenure_.requeue_for(over_look);
    co_await services_.hook.time.sleep_for(over_look);
  }
}

// A message given back leaves a fresh heartbeat behind, so that whoever receives it next has time. After a stop that
// may be long; after a delay of our choice, at most a quarter of the timeout, the one before may do.
bool lifecycle_action::needs_parting_beat() const {
  if (!heartbeats_) return false;
  const auto last = heartbeats_->last_accepted();
  return tenure_.why() == give_up::stop || !last ||
         services_.hook.time.now() - *last >= quarter(heartbeats_->timeout());
}

task<verdict> lifecycle_action::give_back() {
  if (needs_parting_beat()) {
    auto beating = within(services_.hook.time, parting_beat, heartbeats_->beat_now());
    co_await std::move(beating);
  }
  heartbeats_.reset();
  const auto delay = tenure_.why() == give_up::stop ? duration(0) : tenure_.delay();
  log_.info("given_back", {{"why", tenure_.why() == give_up::stop ? "stopping" : "hold"}, {"delay_seconds", delay}});
  co_return verdict{verdict::kind::requeue, delay, outcome::done};
}

// Root volume replacement: the instance leaves the wait, reboots, and comes back InService; what was done for its end
// is then undone. A return to a warm pool comes back by a launch event of its own.
task<result<>> lifecycle_action::welcome_back() {
  const bool ends = about_->ends_instance() && !over_;  // acknowledged, and hardly ever to come back
  const auto by = std::max(deadline_, services_.hook.time.now() + longest_replacement);
  // In the first minute the list may not know yet that the instance ever left the service.
  bool replaced = over_ && event_age() >= list_lag;
  for (bool first = true;; first = false) {
    auto asking = first && ends ? within(services_.hook.time, last_look, lifecycle_state()) : lifecycle_state();
    const auto state = co_await std::move(asking);
    if (state.has_error()) {
      log_.warn("instance_state_unread", {{"why", "its hook has ended; whether it came back could not be read"}});
      co_return result<>();
    }
    if (replaced && *state == "InService") break;
    const auto early = list_lag - event_age();
    if (over_ && *state == "InService" && early > 0s) {
      co_await services_.hook.time.sleep_for(early);
      replaced = true;
      continue;
    }
    replaced = state->starts_with("ReplacingRootVolume") || *state == "RootVolumeReplaced";
    if (!replaced || services_.hook.time.now() >= by) co_return result<>();
    if (tenure_.should_requeue(services_.hook.time.now())) tenure_.requeue_for(over_look);
    co_await services_.hook.time.sleep_for(over_look);
  }
  auto undoing = steps_.come_back(about_, tenure_, log_);
  co_await std::move(undoing);
  co_return result<>();
}

// Of the instance, as Auto Scaling knows it now; empty when it does not. Outages are waited out: never an error.
task<result<std::string>> lifecycle_action::lifecycle_state() {
  for (unsigned attempt = 0;; ++attempt) {
    auto asking = services_.hook.instances.instance(about_->instance);
    auto found = co_await std::move(asking);
    if (found.has_value()) co_return *found ? std::move((*found)->lifecycle_state) : std::string();
    const auto why = found.error();
    log_.error("describing_instance_failed", {{"attempt", attempt + 1}, {"error", why.what()}});
    const auto pause = full_jitter(completing, attempt, services_.hook.random);
    if (tenure_.should_requeue(services_.hook.time.now())) tenure_.requeue_for(pause);
    co_await services_.hook.time.sleep_for(pause);
  }
}

verdict lifecycle_action::removed(std::string_view result, outcome ran) {
  heartbeats_.reset();
  services_.hook.counts.hooks_completed.add({group_.name, name(about_->kind), result});
  log_.info("hook_ended", {{"result", result},
                           {"outcome", name(ran)},
                           {"open_seconds", std::max(services_.hook.time.now() - event_time_, duration::zero())}});
  return {verdict::kind::remove, {}, ran};
}

}  // namespace lifehook::handlers
