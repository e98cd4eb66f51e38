#include "handlers/lifecycle_action.h"

#include "aws/limits.h"
#include "base/metrics.h"
#include "base/side_by_side.h"
#include "handlers/deadline.h"
#include "handlers/hook_completion.h"
#include "handlers/instance_return.h"
#include "handlers/lifecycle_state.h"
#include "handlers/lifecycle_state_look.h"
#include "handlers/patience.h"
#include "handlers/standing.h"
#include "handlers/step_times.h"

#include <fmt/format.h>

#include <utility>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

std::string_view wire_word(aws::hook_result of) { return of == aws::hook_result::proceed ? "continue" : "abandon"; }

time_point first_deadline(const event& about, const tenure& of, const group& to,
                          std::optional<duration> global_timeout) {
  return deadline_of(
      {about.kind, of.happened(about.time), of.with().sent, of.with().first_received, to.deadline, global_timeout});
}

standing_reason reason_of(const heartbeats::failure& of, time_point now) {
  constexpr auto doing = "keeping the hook open";
  if (of.tries == 0) return {.what = "asking", .doing = doing, .lasts = now - of.since};
  return reason_of(outage_of(of.why, doing, of.since), now);
}

// Of a wait that a dry run does not wait for, nobody knows how it ends.
std::string_view after_a_wait(failure_policy otherwise) {
  switch (otherwise) {
    case failure_policy::proceed: return "wait, then continue";
    case failure_policy::abandon: return "wait, then continue or abandon";
    case failure_policy::leave_default: return "wait, then continue or default";
  }
  return "wait";
}

// Its steps may take as long as the group's deadline, and AWS ends it before: said before it does.
void tell_of_its_end(const open_hook& of, const aws::lifecycle_hook& hook) {
  if (hook.global_timeout >= of.to.deadline) return;
  if (!of.services.hooks.is_first_word_of(of.about->group, hook.name)) return;
  const auto needed = std::chrono::ceil<std::chrono::seconds>(of.to.deadline / aws::most_heartbeat_timeouts);
  of.log.warn("hook_ends_before_deadline",
              {{"global_timeout_seconds", duration(hook.global_timeout)},
               {"deadline_seconds", of.to.deadline},
               {"advice", fmt::format("AWS ends this hook after a hundred heartbeat timeouts, whatever its steps still "
                                      "do: give it a heartbeat timeout of {} s, or the group a shorter deadline",
                                      needed.count())}});
}

}  // namespace

lifecycle_action::lifecycle_action(step_services& with, const group& of, plan_runner& steps, plan_runner* terminating,
                                   std::shared_ptr<const event> about, tenure& keeps, logger log)
    : steps_(steps),
      terminating_(terminating),
      hook_{{with, of, about, keeps, std::move(log)},
            keeps.happened(about->time),
            first_deadline(*about, keeps, of, std::nullopt)},
      on_board_(with.deadlines),
      deadline_alarm_(with.time) {
  move_deadline(hook_.deadline);
  keeps.enter(work_stage::steps);
  with.counts.hooks_held.add({of.name, name(about->kind)}, 1);
}

lifecycle_action::~lifecycle_action() {
  hook_.services.counts.hooks_held.add({hook_.to.name, name(hook_.about->kind)}, -1);
}

void lifecycle_action::tell(standing& into) const {
  if (hook_.beats) {
    if (const auto last = hook_.beats->last_accepted()) into.last_beat = hook_.now() - *last;
    into.timer = hook_.beats->until_end();
    if (const auto* failing = hook_.beats->failing()) into.why.push_back(reason_of(*failing, hook_.now()));
  }
  into.proven = hook_.proven && hook_.keeps.is_proven();
}

void lifecycle_action::timing_known(const aws::lifecycle_hook& hook) {
  timeout_shortened(hook.heartbeat_timeout);
  hook_.global_timeout = hook.global_timeout;
  tell_of_its_end(hook_, hook);
  move_deadline(first_deadline(*hook_.about, hook_.keeps, hook_.to, hook_.global_timeout));
  if (deadline_alarm_.is_set()) arm_deadline();
}

void lifecycle_action::action_over() {
  hook_.over = true;
  hook_.keeps.end(give_up::over);
}

void lifecycle_action::arm_deadline() {
  deadline_alarm_.set(hook_.deadline, [this] { hook_.keeps.end(give_up::deadline); });
}

void lifecycle_action::move_deadline(time_point to) {
  hook_.deadline = to;
  hook_.keeps.set_deadline(to);
  on_board_.show(to, hook_.to.deadline);
}

failure_policy lifecycle_action::policy() const {
  return hook_.is_launch() ? hook_.to.on_launch_failure : hook_.to.on_terminate_failure;
}

void lifecycle_action::begin() {
  if (!hook_.services.dry_run) {
    arm_deadline();
    if (!past_default()) keep_open();
  }
  run_ = steps_.begin(hook_);
}

void lifecycle_action::keep_open() {
  hook_.beats.emplace(hook_.services, static_cast<heartbeats::listener&>(*this), hook_.about, hook_.to.name, hook_.log);
  hook_.keeps.set_proof(hook_.beats->begin());
}

task<std::optional<verdict>> lifecycle_action::attend() {
  if (!run_) begin();
  const auto ran = co_await hook_.keeps.work().guard(run_steps());
  const bool rests = ran.has_value() && !*ran && hook_.keeps.why() == give_up::none;
  if (rests) {
    rest();
    co_return std::nullopt;
  }
  run_.reset();
  const auto ended = ran.has_value() ? *ran : std::nullopt;
  if (hook_.services.dry_run) co_return co_await say(ended);
  co_return co_await after(ended);
}

void lifecycle_action::rest() {
  hook_.keeps.rest_for(run_->rests_for());
  if (hook_.keeps.is_proven()) hook_.keeps.set_proof(nullptr);  // thousands rest: what is settled is not kept
}

// What is next, once the steps have ended or were given up (nullopt).
task<verdict> lifecycle_action::after(std::optional<outcome> ran) {
  auto& keeps = hook_.keeps;
  hook_.proven = keeps.is_proven();
  keeps.set_proof(nullptr);
  deadline_alarm_.unset();
  if (hook_.over) return close(hook_.proven ? ended_early(hook_) : over_before_begun(hook_));
  if (keeps.why() == give_up::stop || keeps.why() == give_up::hold) return requeue();
  deadline_came_ = keeps.why() == give_up::deadline;
  return decide(ran.value_or(keeps.list().if_too_late()));
}

// Of what AWS has not shown to be open: once its completion was not found to be of one that is over. Nobody is to be
// woken up for a message that comes back from the dead letters long after its hook.
void lifecycle_action::tell_of_failure(outcome ran) {
  if (std::exchange(failure_told_, true)) return;
  if (deadline_came_) hook_.log.warn("deadline_reached", {{"policy_applies", true}});
  if (is_failure(ran)) hook_.log.warn("steps_failed", {{"outcome", name(ran)}, {"policy", name(policy())}});
}

// A heartbeat after the deadline would put off the default result that the policy asks AWS to apply.
bool lifecycle_action::past_default() const {
  return hook_.deadline <= hook_.now() && policy() == failure_policy::leave_default;
}

// What the terminating list did to an instance that returns from its warm pool is undone before its launch list runs.
task<std::optional<outcome>> lifecycle_action::run_steps() {
  const bool returns = terminating_ && hook_.is_launch() && hook_.about->origin == place::warm_pool;
  return returns && !std::exchange(undone_, true) ? undo_then_run() : run_->go_on();
}

task<std::optional<outcome>> lifecycle_action::undo_then_run() {
  co_await hook_.keeps.proven();
  const auto state = co_await state_after_pool(hook_);
  if (state.starts_with("Pending") || state == "InService") {  // not when it is on its way out again
    const auto undone = co_await terminating_->undo(hook_.about, hook_.keeps, hook_.log);
    if (is_failure(undone)) co_return undone;
  }
  co_return co_await run_->go_on();
}

// What a real run would have done, and whether AWS shows the instance where it would do anything.
task<verdict> lifecycle_action::say(std::optional<outcome> ended) {
  if (!ended) co_return verdict::leave(outcome::failed);
  const auto shown = co_await hook_.services.instances.instance(hook_.about->instance);
  const std::string state = shown.has_value() && *shown ? (*shown)->lifecycle_state : "";
  const bool changes_nothing = shown.has_value() && !waits(hook_.about->kind, state);
  if (changes_nothing)
    hook_.log.warn("not_in_the_wait",
                   {{"lifecycle_state", state},
                    {"why",
                     "Auto Scaling does not show the instance in the wait of such a hook: a real run changes "
                     "nothing before it does, or accepts a heartbeat"}});
  const bool waits_first = hook_.keeps.list().would_wait();
  const auto would = is_failure(*ended) ? name(policy()) : waits_first ? after_a_wait(policy()) : "continue";
  hook_.log.info("dry_run", {{"outcome", name(*ended)}, {"would", would}});
  auto told = verdict::leave(*ended);
  told.would = would;
  told.in_the_wait = !changes_nothing;
  co_return told;
}

task<verdict> lifecycle_action::decide(outcome ran) {
  if (hook_.proven) tell_of_failure(ran);
  if (!is_failure(ran)) return finish(aws::hook_result::proceed, ran);
  if (policy() == failure_policy::leave_default) return leave_to_default(ran);
  return finish(policy() == failure_policy::proceed ? aws::hook_result::proceed : aws::hook_result::abandon, ran);
}

task<verdict> lifecycle_action::finish(aws::hook_result with, outcome ran) {
  hook_.keeps.enter(work_stage::completing);
  hook_.keeps.begin_again();
  hook_completion completion(hook_);
  const auto completed = co_await hook_.keeps.work().guard(completion.run(with));
  if (completion.took_effect()) tell_of_failure(ran);
  if (completed.has_error() && completed.error().code() != errc::cancelled) {
    hook_.beats.reset();
    co_return verdict::leave(ran);
  }
  if (completed.has_error() && !hook_.over) co_return co_await requeue();
  hook_ending how{wire_word(with), ran};
  if (!completion.took_effect()) {
    const bool was_gone = ran == outcome::gone || ran == outcome::lost;
    how = was_gone ? ended_early(hook_) : over_before_completed(hook_, ran);
  }
  co_return co_await close(how);
}

// Heartbeats stop, and AWS applies the hook's own default result when its timer runs out; the message is kept until
// then: whoever received it again would send a heartbeat, which puts that off.
task<verdict> lifecycle_action::leave_to_default(outcome ran) {
  tell_of_failure(ran);
  hook_.keeps.enter(work_stage::awaits_default);
  hook_.keeps.begin_again();
  move_deadline(default_applied(hook_));
  on_board_.hide();
  hook_.beats.reset();
  const instance_return leaving(hook_, steps_);
  if (const auto waited = co_await hook_.keeps.work().guard(leaving.leave_wait()); waited.has_error())
    co_return co_await requeue();
  co_return co_await close({"default", ran});
}

// The hook has ended; the message goes once it is known that its instance does too. What the message must be kept with:
// it comes back, finds the hook over and looks again. Its end is counted then, and only then.
task<verdict> lifecycle_action::close(hook_ending how) {
  const auto ended = hook_.now();
  on_board_.hide();
  hook_.keeps.enter(work_stage::ended);
  hook_.beats.reset();
  if (!hook_.is_launch() && steps_.undoes()) {
    hook_.keeps.begin_again();
    const instance_return back(hook_, steps_);
    if (const auto seen = co_await hook_.keeps.work().guard(back.undo_if_it_returns()); seen.has_error())
      co_return requeued("ended");
  }
  co_return end_of(hook_, how, ended);
}

task<verdict> lifecycle_action::requeue() {
  hook_.keeps.enter(work_stage::requeueing);
  std::vector<task<result<>>> partings;  // at once: a stop waits for them
  if (hook_.beats) partings.push_back(hook_.beats->part(hook_.keeps.why()));
  if (auto times = hook_.keeps.list().take_times(); !times.empty())
    partings.push_back(note_times(hook_.services, std::move(times), hook_.to.deadline, hook_.log));
  if (!partings.empty()) co_await side_by_side(std::move(partings));
  hook_.beats.reset();
  co_return requeued("open");
}

verdict lifecycle_action::requeued(std::string_view hook) const {
  const bool stops = hook_.keeps.why() == give_up::stop;
  hook_.log.info(
      "given_back",
      {{"why", stops ? "stopping" : "hold"}, {"lifecycle_action", hook}, {"delay_seconds", hook_.keeps.delay()}});
  return verdict::requeue(hook_.keeps.delay());
}

}  // namespace lifehook::handlers
