#pragma once

#include "base/clock.h"

#include <optional>
#include <set>

namespace lifehook::handlers {

// The deadlines of all open hooks, for the gauge that shows the nearest.
class deadline_board {
 public:
  class entry {
   public:
    entry(deadline_board& on, time_point deadline) : board_(on), place_(on.all_.insert(deadline)) {}
    ~entry() { board_.all_.erase(place_); }
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    void move_to(time_point deadline) {
      board_.all_.erase(place_);
      place_ = board_.all_.insert(deadline);
    }

   private:
    deadline_board& board_;
    std::multiset<time_point>::iterator place_;
  };

  std::optional<time_point> nearest() const { return all_.empty() ? std::nullopt : std::optional(*all_.begin()); }

 private:
  std::multiset<time_point> all_;
};

}  // namespace lifehook::handlers
