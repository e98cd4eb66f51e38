#pragma once

#include "base/clock.h"

#include <boost/intrusive/set.hpp>

#include <cstddef>
#include <functional>

namespace lifehook::handlers {

// Lets `most` visitors through at once; the others stand in line. A visitor in line is no coroutine that waits, but an
// object whose `turn` is called when it may go. It is counted as through until it is destroyed, and for `longest` at
// most: who takes longer, as in an outage, does not keep the others waiting. Outlives its visitors.
class turnstile {
 public:
  // What several turnstiles share: once `most` visitors are through all of them together, each lets no more through
  // than its own `least`.
  struct common {
    std::size_t most;
    std::size_t through = 0;
  };
  struct limits {
    std::size_t most;
    duration longest;
    std::size_t least = 0;
    common* with = nullptr;  // outlives it
  };
  turnstile(clock& time, limits of) : clock_(time), limits_(of), next_(time) {}

  bool is_full() const;
  std::size_t waiting() const { return line_.size(); }

  // Is through, or in line, as long as it lives. The line is ordered by the uptime `by` which each is to be through,
  // among equals by who came first; at that time it goes through however many are.
  class visit : public boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>> {
   public:
    visit(turnstile& of, std::function<void()> turn, duration by = duration::max())
        : of_(of), turn_(std::move(turn)), until_(by) {
      of_.come(*this);
    }
    ~visit() { of_.leave(*this); }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

    bool has_turn() const { return has_turn_; }
    bool operator<(const visit& other) const { return until_ < other.until_; }

   private:
    friend class turnstile;
    turnstile& of_;
    std::function<void()> turn_;
    duration until_;  // in line: by when it goes; then until when it is counted
    bool has_turn_ = false;
  };

 private:
  using order = boost::intrusive::multiset<visit>;

  void come(visit& who);
  void admit(visit& who);
  void leave(visit& who);
  void end_turn(visit& of);
  void look();
  void arm();

  clock& clock_;
  limits limits_;
  order line_;
  order through_;
  alarm next_;
  duration armed_{0};
  bool looks_ = false;
};

}  // namespace lifehook::handlers
