#pragma once

#include "base/clock.h"

#include <boost/intrusive/set.hpp>

#include <cstddef>
#include <functional>

namespace lifehook::handlers {

// Lets so many go through at once; the others stand in line. Nobody waits in a coroutine: who stands in line rests, and
// is told when it is its turn. A turn is counted for `longest` only: who takes longer, as in an outage, does not keep
// the others waiting. Outlives its visitors.
class turnstile {
 public:
  // What several of them share: where so many are through in all, each lets only its `least` go through.
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

  // Goes through, or stands in line, while it lives. In the order of the uptimes `by` which it is to be through: then
  // it goes, however many are before it. Among equals in the order they came.
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
