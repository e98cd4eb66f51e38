#pragma once

#include "base/clock.h"
#include "handlers/list_lag.h"
#include "handlers/outcome.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lifehook::handlers {

// What is to be noted of a step's time (handlers/step_times.h).
struct time_note {
  static constexpr auto ended = "ended";  // should it be run again, its time begins anew

  std::string key;
  std::string text;
};

// A step of a list, and the failure it ended with.
struct failed_step {
  std::string step;
  outcome how = outcome::failed;
};

// What is known of the runs of an event's list of steps in one receive, also when the last was cut short. Owned by the
// tenure; told by plan_runner.
class list_tries {
 public:
  // Another try of the list.
  void begin();
  bool is_first_try() const { return tries_ <= 1; }

  // The deadline cut a step short that stood still for this reason, as far as it knew: of several that ran together the
  // first that had one counts.
  void cut_short(outcome reason);
  // The list's outcome should its time have run out.
  outcome if_too_late() const { return reason_.value_or(outcome::timeout); }

  // A step failed that may end better when the list is run again: not one that was told a definite no.
  void try_again() { worth_another_try_ = true; }
  bool is_worth_another_try() const { return worth_another_try_; }

  // Of this try the first step that failed: what one behind it can tell.
  void note_failure(failed_step of);
  const failed_step* first_failure() const {  // null: none
    return rare_ && rare_->first_failure ? &*rare_->first_failure : nullptr;
  }

  // How a step's time stands, should the message go back; the last word on a step counts.
  void leave_time(time_note of);
  // The list has failed and is run again: its steps' times begin anew, also in another's hand.
  void end_times();
  std::vector<time_note> take_times();

  // Desired capacity was raised for the event's sake. What is to serve, whatever Auto Scaling shows: its lists may lag
  // behind the raise. 0: they tell. By uptime.
  void note_raise(int to, duration when) { rare().raised = {to, when}; }
  int least_in_service(duration now) const {
    return rare_ && now - rare_->raised.when < list_lag ? rare_->raised.to : 0;
  }

  // The list was put off until then: its spans count from there.
  void put_off_until(time_point when) { put_off_until_ = when; }
  time_point put_off_until() const { return put_off_until_; }

  // The list has had its last try, and failed: its work may still be on the instance.
  void fail() { failed_ = true; }
  bool has_failed() const { return failed_; }

  // By when what was taken for the event's time is to be given back.
  void set_give_back_by(time_point when) { give_back_by_ = when; }
  time_point give_back_by() const { return give_back_by_; }

  // Of a dry run: where it goes on a real one would wait for what may not come, or hold the event until something
  // answers.
  void note_would_wait() { would_wait_ = true; }
  void note_would_hold() { would_hold_ = true; }
  bool would_wait() const { return would_wait_ || would_hold_; }
  bool would_hold() const { return would_hold_; }

 private:
  struct raise {
    int to = 0;
    duration when{0};
  };

  // What few lists have anything of: thousands are in hand.
  struct rarely {
    std::vector<time_note> times{};
    raise raised{};
    std::optional<failed_step> first_failure{};
  };
  rarely& rare();

  std::unique_ptr<rarely> rare_;
  time_point give_back_by_ = time_point::max();
  time_point put_off_until_ = time_point::min();
  std::optional<outcome> reason_;
  unsigned tries_ = 0;
  bool worth_another_try_ = true;
  bool failed_ = false;
  bool would_wait_ = false;
  bool would_hold_ = false;
};

}  // namespace lifehook::handlers
