#pragma once

#include "base/log.h"
#include "handlers/event.h"
#include "handlers/group.h"
#include "handlers/occasion.h"
#include "handlers/outcome.h"
#include "handlers/patience.h"
#include "handlers/step_stopwatch.h"
#include "handlers/tenure.h"
#include "handlers/vigil.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lifehook::handlers {

struct step_standing;

// A step, and which one of its list it is: shared by all who run it.
struct step_name {
  std::string_view step;
  std::string as;         // within its list: "raise_capacity/2.1" is in the second place, beside others
  std::size_t alike = 0;  // that stand before it in its list: the same step with the same settings
};

// What a running step sees of the world around it. Lives as long as the step runs.
class step_context {
 public:
  // `name` outlives it.
  step_context(const occasion& on, const step_name& name, std::optional<duration> timeout, bool dry_run);
  step_context(const occasion& on, step_name&& name, std::optional<duration> timeout, bool dry_run) = delete;
  ~step_context();
  step_context(const step_context&) = delete;
  step_context& operator=(const step_context&) = delete;

  const group& configured() const { return on_.to; }  // its name is the service's
  const event& about() const { return *on_.about; }
  logger log() const {
    return on_.log.with_told([step = name_.step](const log_writer& write) { write({{"step", step}}); });
  }
  bool dry_run() const { return dry_run_; }
  std::optional<duration> timeout() const { return timeout_ == no_timeout ? std::nullopt : std::optional(timeout_); }
  // What counts against the timeout, and what it is called in the state.
  step_stopwatch& watch() { return watch_; }
  std::string time_key() const;
  // How many stand before it in its list that are the same step with the same settings. Unlike its place, it stays when
  // others come and go.
  std::size_t alike() const { return name_.alike; }
  step_services& services() { return on_.services; }
  aws::haste haste() const { return haste_of(about().kind); }
  time_point now() const;
  duration runs_for() const { return uptime() - watch_.began(); }  // in this hand
  // When the event happened: its own time, or when its message was sent. By AWS's clock: what is named by it is the
  // same everywhere.
  time_point event_time() const;
  // The same by our clock: to be held against now.
  time_point happened() const { return on_.keeps.happened(about().time); }
  // A time that AWS or another worker has told, by our clock; and now, as they would tell it.
  time_point by_our_clock(time_point theirs) const { return on_.keeps.by_our_clock(theirs); }
  time_point now_by_aws() const { return on_.keeps.by_clock_of_aws(now()); }

  // From when a span "after the event" counts: from when it happened, or until when a step before this one put the list
  // off.
  time_point counts_from() const;
  void put_off_until(time_point when) { on_.keeps.list().put_off_until(when); }

  // Asks AWS until it answers: outages are waited out with the hook in hand (rule 2), logged at error, their end at
  // info, and do not count against the step's timeout. Only what is not an outage comes back (a dry run asks once).
  template <class Call>
  auto ask(std::string_view doing, Call call) -> decltype(call()) {
    return ask_until_answered<typename decltype(call())::value_type>(doing, std::move(call));
  }

  // One failed attempt of a call that must not simply be made again: logs the outage and waits, with the hook in hand.
  task<> wait_out(std::string_view doing, error why, unsigned attempt);

  // Whose a lock or a claim of this work is, among all replicas and all steps of the event's list: the same when the
  // message is requeued, or the step run again here, so that a lock it left behind is its own.
  std::string owner() const;

  // Waits until it is proven that the event's action is open; what it takes is not the step's time. A step that
  // `looks_first` calls it before it changes anything, and before it ends.
  task<> proven();
  // The same for a vigil, which rests until then.
  bool is_proven() const { return on_.keeps.is_proven(); }

  // Waits between two looks. errc::expired when the step's own time is used up. When the worker should not keep the
  // message any longer it is requeued, and the work ends here (handlers/patience.h).
  task<result<>> pause_or_requeue(duration wait);
  // The same for a moment that is spent in hand as long as the queue lets it.
  task<result<>> pause_in_hand(duration wait);

  // Between two looks of a vigil. Then it rests for so long, here or elsewhere, unless the work was ended.
  result<> begin_rest(const rest& until_next);
  duration rests_for() const { return rest_; }
  task<> rest_here();
  void rested();
  void wake();  // ends a rest before its time

  // The queue has handed the message out before: what was seen then is not known here.
  bool came_before() const { return on_.keeps.with().came_before; }

  // Desired capacity was raised to so many: until Auto Scaling shows that, `give_back` counts on it.
  void raised(int to) { on_.keeps.list().note_raise(to, uptime()); }
  int least_in_service() const { return on_.keeps.list().least_in_service(uptime()); }

  bool list_has_failed() const { return on_.keeps.list().has_failed(); }
  // The first step of the list, before this one, that failed in this run of it.
  const failed_step* failed_before() const { return on_.keeps.list().first_failure(); }
  bool is_stopping() const { return on_.keeps.why() == give_up::stop; }
  // When the list is ended, done or not.
  std::optional<time_point> deadline() const { return on_.keeps.deadline(); }
  // Until that, or until the step's own time is used up if that comes first.
  std::optional<duration> time_left() const;

  // When `give_back` must not wait any longer for a better moment.
  time_point give_back_by() const { return on_.keeps.list().give_back_by(); }

  // Requeues the message for a long wait that needs nobody; where it may not go back, waits in hand.
  task<result<>> pause_in_queue(duration wait);

  // For a second at most, for its turn among others of this process: they may themselves wait for what AWS does not
  // answer, so that it does not count against the step's timeout.
  task<> stand_in_line(task<result<>> turn);

  // Why the step cannot go on at present, and since when: its outcome should time run out, and in words for who asks.
  void stuck(std::optional<outcome> why, std::string text, time_point since);
  void goes_on();
  // What it waits for until it says otherwise, in words for who asks. For what few wait for at once: it is kept.
  void waits_for(std::string text);
  outcome if_too_late() const { return stuck_.value_or(outcome::timeout); }
  // In a dry run, which goes on: a real one would wait here for what may not come.
  void note_would_wait() { on_.keeps.list().note_would_wait(); }
  // The step failed, and would fail again however often it was tried: AWS has said a definite no.
  void failed_for_good() { for_good_ = true; }
  bool has_failed_for_good() const { return for_good_; }

  // How it stands, for one who asks.
  step_standing standing() const;

 private:
  // What AWS is being asked, as long as it is.
  class asking {
   public:
    asking(step_context& in, const std::string_view& what) : in_(in), what_(what) { in_.asks_ = &what_; }
    ~asking() {
      if (in_.asks_ == &what_) in_.asks_ = nullptr;
    }
    asking(const asking&) = delete;
    asking& operator=(const asking&) = delete;

   private:
    step_context& in_;  // of several that ask at once the last one tells
    const std::string_view& what_;
  };
  enum class limit { timeout, none };
  // One coroutine for each kind of answer, not for each call.
  template <class Answer>
  task<Answer> ask_until_answered(std::string_view doing, std::function<task<Answer>()> call) {
    const asking under_way(*this, doing);
    for (unsigned attempt = 0;; ++attempt) {
      auto answer = co_await call();
      if (answer.has_value() || !is_outage(answer.error().code()) || dry_run_) {
        if (attempt > 0) tell_outage_over(doing, attempt);
        count_up_to_now();
        co_return answer;
      }
      co_await wait_out(doing, answer.error(), attempt);
    }
  }
  static constexpr duration no_timeout = duration::max();
  void tell_outage_over(std::string_view doing, unsigned attempts) const;
  void count_up_to_now();
  result<duration> allowed(duration wait, limit by);
  task<result<>> spend(duration wait, resting rests);
  duration uptime() const;

  const occasion& on_;
  const step_name& name_;
  duration timeout_;
  bool dry_run_;
  bool for_good_ = false;
  bool rests_unproven_ = false;
  std::optional<outcome> stuck_;
  step_stopwatch watch_;
  const std::string_view* asks_ = nullptr;
  duration rest_{0};
  clock::sleep_handle resting_;
};

// One thing done about an event, bound to its settings. Runs may be repeated, on two machines, at once (rule 3): names
// are deterministic, changes conditional, "already done" is success. Shared by all events of its group: no state of a
// run in it.
class step {
 public:
  virtual ~step() = default;
  // Errors other than cancelled end the step as `failed` (or `timeout`); the run is logged by the caller.
  virtual task<result<outcome>> run(step_context& in) = 0;
  // In place of `run`, where it would look and wait, look and wait; null: `run` does it all.
  virtual std::unique_ptr<vigil> keep_vigil(step_context&) { return nullptr; }
  // Whether it begins with questions that may be asked while the event is still being proven. Any other is not run
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
