#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <utility>

namespace lifehook::handlers {

// Lets so many go through at once; the others stand in line, in the order they came. Nobody waits in a coroutine: who
// stands in line rests, and is told when it is its turn. Outlives its visitors.
class turnstile {
 public:
  explicit turnstile(std::size_t most) : most_(most) {}

  bool is_full() const { return through_ >= most_; }

  // Goes through, or stands in line, while it lives.
  class visit {
   public:
    visit(turnstile& of, std::function<void()> turn) : of_(of), turn_(std::move(turn)) { of_.come(*this); }
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
  };

 private:
  void come(visit& who) {
    if (!is_full()) {
      ++through_;
      who.has_turn_ = true;
    } else {
      who.place_ = line_.insert(line_.end(), &who);
    }
  }

  void leave(visit& who) {
    if (!who.has_turn_) {
      line_.erase(who.place_);
    } else if (line_.empty()) {
      --through_;
    } else {
      auto* const next = line_.front();
      line_.pop_front();
      next->has_turn_ = true;
      next->turn_();
    }
  }

  std::size_t most_;
  std::size_t through_ = 0;
  std::list<visit*> line_;
};

}  // namespace lifehook::handlers
