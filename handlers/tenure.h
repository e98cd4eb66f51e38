#pragma once

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/signal.h"
#include "handlers/hindrances.h"
#include "handlers/list_tries.h"
#include "handlers/work_stage.h"

#include <memory>
#include <optional>
#include <utility>

namespace lifehook::handlers {

class running_step;

// The message that brought an event, for the work on it.
class message_in_hand {
 public:
  virtual ~message_in_hand() = default;
  virtual bool is_lost() const = 0;                     // the queue honours it no longer: another worker may have it
  virtual void limit_visibility(duration longest) = 0;  // it is never kept invisible for longer at a time
};

// Why work on an event was ended before its steps were.
enum class give_up { none, stop, hold, deadline, over };

// How long, and why no longer, this worker keeps one event in hand. Owned by whoever attends the event; the first
// reason given wins and ends the work at its current wait. How to wait with it: handlers/patience.h.
class tenure {
 public:
  struct terms {
    time_point received;
    time_point sent;
    time_point first_received;
    time_point hold_until;     // requeues of choice begin here
    time_point release_by;     // the 12 h receive limit near: the message must go back whatever its count
    bool may_requeue = true;   // false from half of the queue's maxReceiveCount on: then it is held
    bool came_before = false;  // the queue has handed the message out before, here or elsewhere
    duration longest_delay =
        std::chrono::seconds(7);  // of a requeue: a quarter of the hook's heartbeat timeout, at first of the shortest
    duration clock_ahead{0};      // AWS's of ours; the times above are by ours
    message_in_hand* message = nullptr;  // null: there is none, as where an event is handled by hand
  };

  explicit tenure(terms of) : terms_(of) {}

  void end(give_up why);
  // Before a second piece of work (completing, after the steps were given up). A stop asked for meanwhile holds.
  void begin_again();
  give_up why() const { return why_; }
  interrupt& work() { return work_; }
  const terms& with() const { return terms_; }
  bool is_message_lost() const { return terms_.message && terms_.message->is_lost(); }
  // A time AWS has written into an event, by our clock: to be held against now.
  time_point by_our_clock(time_point of_aws) const { return of_aws - terms_.clock_ahead; }
  time_point by_clock_of_aws(time_point of_ours) const { return of_ours + terms_.clock_ahead; }
  // When the event happened, by our clock; its message's time where it does not say.
  time_point happened(const std::optional<time_point>& event_time) const {
    return event_time ? by_our_clock(*event_time) : terms_.sent;
  }
  // How old an event is: by AWS's own stamps up to the first receive, then by our own time. Only what lies between two
  // receives is told by both clocks.
  duration age_of(time_point event_time, time_point now) const;

  // When the work on the event is ended, done or not, as far as is known; told by whoever attends it.
  void set_deadline(time_point when) { deadline_ = when; }
  std::optional<time_point> deadline() const { return deadline_ == unknown ? std::nullopt : std::optional(deadline_); }

  // What is to be proven before anything may be changed (heartbeats::begin); null: nothing.
  void set_proof(std::shared_ptr<latch> of) { proof_ = std::move(of); }
  bool is_proven() const { return !proof_ || proof_->is_set(); }
  task<> proven();

  // Of the hook: its message is neither requeued nor kept invisible for longer than a quarter of it.
  void heed_timeout(duration of_heartbeats);
  // Whether a wait from `now` should be spent in the queue instead of in hand.
  bool should_requeue(time_point now) const { return must_requeue(now) || is_held_enough(now); }
  // The same of a wait for what is nearly over, or must not be begun again.
  bool must_requeue(time_point now) const { return now >= terms_.release_by; }
  // Requeues the message for `delay`, shortened so that the hook's heartbeat never runs out meanwhile. The
  // work ends at its next wait, which does not return.
  void requeue_for(duration delay);
  // Of the message that is requeued: a stop does not keep it.
  duration delay() const { return why_ == give_up::stop ? duration::zero() : delay_; }

  // Work that rests: nothing of it runs, and nobody waits, until its rest is over or something wakes it, as an end of
  // the work does. Then whoever keeps the event goes on with it.
  struct sleeper {
    virtual ~sleeper() = default;
    virtual void woken() = 0;
  };
  void rest_for(duration wait) { rest_ = wait; }
  duration rest() const { return rest_; }
  void wake_by(sleeper* who) { sleeper_ = who; }  // null: it does not rest
  void wake();

  list_tries& list() { return list_; }
  const list_tries& list() const { return list_; }

  // What is told to who asks why it hangs (handlers/standing.h). It decides nothing.
  void enter(work_stage next);
  work_stage stage() const { return stage_; }
  hindrances& hindered() { return hindered_; }
  const hindrances& hindered() const { return hindered_; }
  // The steps that run now, the newest first: each registers itself.
  running_step*& steps() { return steps_; }
  const running_step* steps() const { return steps_; }

 private:
  static constexpr auto unknown = time_point::max();
  bool is_held_enough(time_point now) const { return terms_.may_requeue && now >= terms_.hold_until; }

  terms terms_;
  interrupt work_;
  give_up why_ = give_up::none;
  bool stop_asked_ = false;
  work_stage stage_ = work_stage::routing;
  duration delay_{0};
  duration rest_{0};
  sleeper* sleeper_ = nullptr;
  time_point deadline_ = unknown;
  std::shared_ptr<latch> proof_;
  list_tries list_;
  running_step* steps_ = nullptr;
  hindrances hindered_;
};

}  // namespace lifehook::handlers
