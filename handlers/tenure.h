#pragma once

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/signal.h"
#include "handlers/outcome.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace lifehook::handlers {

// Why work on an event was ended before its steps were.
enum class give_up { none, stop, hold, deadline, over };

// How long, and why no longer, this worker keeps one event in hand. Owned by whoever attends the event; the first
// reason given wins and ends the work at its current wait.
class tenure {
 public:
  struct terms {
    time_point received;
    time_point sent;
    time_point first_received;
    time_point hold_until;    // requeues of choice begin here
    time_point release_by;    // the 12 h receive limit near: the message must go back whatever its count
    bool may_requeue = true;  // false from half of the queue's maxReceiveCount on: then it is held
    duration longest_delay =
        std::chrono::seconds(7);  // of a requeue: a quarter of the hook's heartbeat timeout, at first of the shortest
    bool came_before = false;     // the queue has handed the message out before, here or elsewhere
  };

  explicit tenure(terms of) : terms_(of) {}

  void end(give_up why) {
    stop_asked_ = stop_asked_ || why == give_up::stop;
    if (why_ != give_up::none) return;
    why_ = why;
    work_.raise();
  }
  // Before a second piece of work (completing, after the steps were given up). A stop asked for meanwhile holds.
  void begin_again() {
    why_ = give_up::none;
    work_.reset();
    if (stop_asked_) end(give_up::stop);
  }
  give_up why() const { return why_; }
  interrupt& work() { return work_; }
  const terms& with() const { return terms_; }
  // How old an event is: by AWS's own stamps up to the first receive, then by our own time. Only what lies between two
  // receives is told by both clocks.
  duration age_of(time_point event_time, time_point now) const {
    const auto elsewhere = terms_.came_before ? terms_.received - terms_.first_received : duration::zero();
    return std::max(terms_.first_received - event_time, duration::zero()) + std::max(elsewhere, duration::zero()) +
           (now - terms_.received);
  }
  // What is to be proven before anything may be changed (heartbeats::begin); null: nothing.
  void set_proof(std::shared_ptr<latch> of) { proof_ = std::move(of); }
  bool is_proven() const { return !proof_ || proof_->is_set(); }
  task<> proven() {
    if (const auto waited_for = proof_) co_await waited_for->wait();
  }
  void set_longest_delay(duration delay) { terms_.longest_delay = delay; }

  // Whether a wait of `pause` from `now` should be spent in the queue instead of in hand.
  bool should_requeue(time_point now) const {
    return now >= terms_.release_by || (terms_.may_requeue && now >= terms_.hold_until);
  }
  // Gives the message back for `delay`, shortened so that the hook's heartbeat never runs out meanwhile.
  void requeue_for(duration delay) {
    delay_ = std::min(delay, terms_.longest_delay);
    end(give_up::hold);
  }
  duration delay() const { return delay_; }
  // By when what was taken for the event's time is to be given back.
  void set_give_back_by(time_point when) { give_back_by_ = when; }
  time_point give_back_by() const { return give_back_by_; }
  // Why the work stands still, as far as its steps know: the outcome should its time run out.
  void set_stuck(std::optional<outcome> why) { stuck_ = why; }
  outcome if_too_late() const { return stuck_.value_or(outcome::timeout); }
  // Of a dry run: its end depends on what a real one would wait for.
  void leave_open() { open_ = true; }
  bool is_open() const { return open_; }
  // Of a dry run: a real one would hold the event here, since something does not answer.
  void leave_held() { open_ = held_ = true; }
  bool is_held() const { return held_; }
  // Whether a list that failed may end better when it is run again: not when all that failed was told a definite no.
  void begin_try() { worth_another_try_ = false; }
  void try_again() { worth_another_try_ = true; }
  bool is_worth_another_try() const { return worth_another_try_; }

 private:
  terms terms_;
  interrupt work_;
  give_up why_ = give_up::none;
  bool stop_asked_ = false;
  duration delay_{0};
  time_point give_back_by_ = time_point::max();
  std::optional<outcome> stuck_;
  std::shared_ptr<latch> proof_;
  bool open_ = false;
  bool held_ = false;
  bool worth_another_try_ = true;
};

}  // namespace lifehook::handlers
