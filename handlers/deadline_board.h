#pragma once

#include "base/clock.h"

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <optional>

namespace lifehook::handlers {

// The deadlines of all open hooks, for the gauge that shows the nearest.
class deadline_board {
 public:
  class entry : public boost::intrusive::list_base_hook<> {
   public:
    entry(deadline_board& on, time_point deadline) : board_(on), deadline_(deadline) { board_.all_.push_back(*this); }
    ~entry() { board_.all_.erase(board_.all_.iterator_to(*this)); }
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    void move_to(time_point deadline) { deadline_ = deadline; }

   private:
    friend class deadline_board;
    deadline_board& board_;
    time_point deadline_;
  };

  // Looked for when it is asked, at a scrape: an order would be kept for each of thousands.
  std::optional<time_point> nearest() const {
    std::optional<time_point> soonest;
    for (const auto& each : all_) soonest = std::min(soonest.value_or(each.deadline_), each.deadline_);
    return soonest;
  }

 private:
  boost::intrusive::list<entry> all_;
};

}  // namespace lifehook::handlers
