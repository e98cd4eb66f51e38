#pragma once

#include "base/clock.h"

#include <cstddef>
#include <functional>
#include <list>
#include <utility>

namespace lifehook::handlers {

// Lets so many go through at once; the others stand in line, in the order they came. Nobody waits in a coroutine: who
// stands in line rests, and is told when it is its turn. A turn is counted for `longest` only: who takes longer, as in
// an outage, does not keep the others waiting. Outlives its visitors.
class turnstile {
 public:
  turnstile(clock& time, std::size_t most, duration longest) : clock_(time), most_(most), longest_(longest) {}

  bool is_full() const { return through_ >= most_; }

  // Goes through, or stands in line, while it lives.
  class visit {
   public:
    visit(turnstile& of, std::function<void()> turn) : of_(of), turn_(std::move(turn)), counted_(of.clock_) {
      of_.come(*this);
    }
    ~visit() { of_.leave(*this); }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

    bool has_turn() const { return has_turn_; }

   private:
    friend class turnstile;
    turnstile& of_;
    std::function<void()> turn_;
    std::list<visit*>::iterator place_;
    bool has_turn_ = false;
    alarm counted_;
  };

 private:
  void come(visit& who) {
    if (is_full()) {
      who.place_ = line_.insert(line_.end(), &who);
    } else {
      ++through_;
      admit(who);
    }
  }

  void admit(visit& who) {
    who.has_turn_ = true;
    who.counted_.set(longest_, [this] { next(); });
  }

  void leave(visit& who) {
    if (!who.has_turn_) line_.erase(who.place_);
    if (!who.counted_.is_set()) return;
    who.counted_.unset();
    next();
  }

  void next() {
    if (line_.empty()) {
      --through_;
      return;
    }
    auto& first = *line_.front();
    line_.pop_front();
    admit(first);
    first.turn_();
  }

  clock& clock_;
  std::size_t most_;
  duration longest_;
  std::size_t through_ = 0;
  std::list<visit*> line_;
};

}  // namespace lifehook::handlers
