#pragma once

#include "base/clock.h"

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <optional>

namespace lifehook::handlers {

// Of a shorter one the last minute, which calls somebody, is no bad sign.
constexpr duration shortest_shown = std::chrono::minutes(10);

// The deadlines of open hooks, for the gauge that shows the nearest.
class deadline_board {
 public:
  class entry : public boost::intrusive::list_base_hook<> {
   public:
    explicit entry(deadline_board& on) : board_(on) { board_.all_.push_back(*this); }  // hidden
    ~entry() { board_.all_.erase(board_.all_.iterator_to(*this)); }
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    // `whole`: the deadline as configured.
    void show(time_point deadline, duration whole) {
      if (whole >= shortest_shown) deadline_ = deadline;
    }
    void hide() { deadline_ = time_point::max(); }

   private:
    friend class deadline_board;
    deadline_board& board_;
    time_point deadline_ = time_point::max();
  };

  // Looked for when it is asked, at a scrape: an order would be kept for each of thousands.
  std::optional<time_point> nearest() const {
    auto soonest = time_point::max();
    for (const auto& each : all_) soonest = std::min(soonest, each.deadline_);
    return soonest == time_point::max() ? std::nullopt : std::optional(soonest);
  }

 private:
  boost::intrusive::list<entry> all_;
};

}  // namespace lifehook::handlers
