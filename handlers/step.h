#pragma once

#include "base/log.h"
#include "handlers/event.h"
#include "handlers/group.h"
#include "handlers/outcome.h"
#include "handlers/patience.h"
#include "handlers/step_stopwatch.h"
#include "handlers/tenure.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace lifehook::handlers {

struct step_services;

// What a running step sees of the world around it. Lives as long as the step runs. `as` names the step within its list.
class step_context {
 public:
  step_context(const group& in, const event& about, tenure& keeps, step_services& with, logger to,
               std::optional<duration> timeout, bool dry_run, std::string_view as, std::size_t alike);

  const group& service() const { return group_; }  // as configured: its name is the service's
  const event& about() const { return about_; }
  const logger& log() const { return log_; }
  bool dry_run() const { return dry_run_; }
  std::optional<duration> timeout() const { return timeout_; }
  // What counts against the timeout, and what it is called in the state.
  step_stopwatch& watch() { return watch_; }
  std::string time_key() const;
  // How many stand before it in its list that are the same step with the same settings. Unlike its place, it stays when
  // others come and go.
  std::size_t alike() const { return alike_; }
  step_services& services() { return services_; }
  time_point now() const;
  time_point started() const { return watch_.began(); }
  // When the event happened: its own time, or when its message was sent. By AWS's clock: what is named by it is the
  // same everywhere.
  time_point event_time() const;
  // The same by our clock: to be held against now.
  time_point happened() const { return tenure_.happened(about_.time); }

  // From when a span "after the event" counts: from when it happened, or until when a step before this one put the list
  // off.
  time_point counts_from() const;
  void put_off_until(time_point when) { tenure_.list().put_off_until(when); }

  // Asks AWS until it answers: outages are waited out with the hook in hand (rule 2), logged at error, and do not count
  // against the step's timeout. Only what is not an outage comes back (a dry run asks once).
  template <class Call>
  auto ask(std::string_view doing, Call call) -> decltype(call()) {
    for (unsigned attempt = 0;; ++attempt) {
      auto answer = co_await call();
      if (answer.has_value() || !is_outage(answer.error().code()) || dry_run_) {
        watch_.sign(now());
        co_return answer;
      }
      co_await wait_out(doing, answer.error(), attempt);
    }
  }

  // One failed attempt of a call that must not simply be made again: logs the outage and waits, with the hook in hand.
  task<> wait_out(std::string_view doing, error why, unsigned attempt);

  // Whose a lock or a claim of this work is, among all replicas and all steps of the event's list: the same when the
  // message is requeued, or the step run again here, so that a lock it left behind is its own.
  std::string owner() const;

  // Waits until it is proven that the event's action is open; what it takes is not the step's time. A step that
  // `looks_first` calls it before it changes anything, and before it ends.
  task<> proven();

  // Waits between two looks. errc::timeout when the step's own time is used up. When the worker should not keep the
  // message any longer it is requeued, and the work ends here (handlers/patience.h). `by` may end the wait early.
  task<result<>> pause_or_requeue(duration wait, clock::sleep_handle* by = nullptr);
  // The same for a moment that is spent in hand as long as the queue lets it.
  task<result<>> pause_in_hand(duration wait, clock::sleep_handle* by = nullptr);
  // The same before a look that only confirms what the last one has seen: the step is as good as done, and its timeout
  // does not end it.
  task<result<>> pause_to_confirm(duration wait, clock::sleep_handle* by = nullptr);
  // The queue has handed the message out before: what was seen then is not known here.
  bool came_before() const { return tenure_.with().came_before; }

  // Desired capacity was raised to so many: until Auto Scaling shows that, `give_back` counts on it.
  void raised(int to) { tenure_.list().note_raise(to, uptime()); }
  int least_in_service() const { return tenure_.list().least_in_service(uptime()); }

  bool list_has_failed() const { return tenure_.list().has_failed(); }
  // The first step of the list, before this one, that failed in this run of it.
  const std::optional<failed_step>& failed_before() const { return tenure_.list().first_failure(); }
  // When the list is ended, done or not.
  std::optional<time_point> deadline() const { return tenure_.deadline(); }

  // When `give_back` must not wait any longer for a better moment.
  time_point give_back_by() const { return tenure_.list().give_back_by(); }

  // Requeues the message for a long wait that needs nobody; where it may not go back, waits in hand.
  task<result<>> pause_in_queue(duration wait);

  // Why the step cannot go on at present (nullopt: it goes on): its outcome should time run out.
  void stuck(std::optional<outcome> why) { stuck_ = why; }
  outcome if_too_late() const { return stuck_.value_or(outcome::timeout); }
  // In a dry run, which goes on: a real one would wait here for what may not come.
  void note_would_wait() { tenure_.list().note_would_wait(); }
  // The step failed, and would fail again however often it was tried: AWS has said a definite no.
  void failed_for_good() { for_good_ = true; }
  bool has_failed_for_good() const { return for_good_; }

 private:
  enum class limit { timeout, none };
  task<result<>> spend(duration wait, resting rests, clock::sleep_handle* by, limit of = limit::timeout);
  duration uptime() const;

  const group& group_;
  const event& about_;
  tenure& tenure_;
  step_services& services_;
  logger log_;
  std::optional<duration> timeout_;
  bool dry_run_;
  std::string_view as_;
  std::size_t alike_;
  step_stopwatch watch_;
  std::optional<outcome> stuck_;
  bool for_good_ = false;
};

// One thing done about an event, bound to its settings. Runs may be repeated, on two machines, at once (rule 3): names
// are deterministic, changes conditional, "already done" is success. Shared by all events of its group: no state of a
// run in it.
class step {
 public:
  virtual ~step() = default;
  // Errors other than cancelled end the step as `failed` (or `timeout`); the run is logged by the caller.
  virtual task<result<outcome>> run(step_context& in) = 0;
  // Whether `run` begins with questions that may be asked while the event is still being proven. Any other is not run
  // before.
  virtual bool looks_first() const { return false; }
  // When its work is to begin, if not at once.
  virtual std::optional<time_point> begins(const event&) const { return std::nullopt; }
  // The instance did not end after all (warm pool, root volume): undo what only made sense for its end. Asked of those
  // whose kind says so (step_kind::undoes).
  virtual task<result<outcome>> undo(step_context&) { co_return outcome::skipped; }
  // After the whole list, however it ended: gives back what was only taken for its time (raised capacity). Also run
  // when `run` was cut short, or ran on another worker: what there is to give back is read from the state. Asked of
  // those whose kind says so (step_kind::gives_back).
  virtual task<result<outcome>> give_back(step_context&) { co_return outcome::skipped; }
};

}  // namespace lifehook::handlers
