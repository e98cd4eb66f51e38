#include "simulator/count_history.h"

#include <algorithm>

namespace lifehook::simulator {

void count_history::note(const queue_counts& held, time_point when, const count_lags& lags) {
  const auto longest = std::max({lags.visible, lags.in_flight, lags.delayed});
  if (longest <= duration::zero()) {
    past_.clear();
    return;
  }
  if (!past_.empty() && past_.back().held == held) return;
  past_.push_back({when, held});
  while (past_.size() > 1 && past_[1].since <= when - longest) past_.pop_front();
}

const queue_counts& count_history::at(time_point when, const queue_counts& otherwise) const {
  const auto after = std::upper_bound(past_.begin(), past_.end(), when,
                                      [](time_point sought, const entry& each) { return sought < each.since; });
  if (after == past_.begin()) return past_.empty() ? otherwise : past_.front().held;
  return std::prev(after)->held;
}

queue_counts count_history::told(const queue_counts& held, time_point when, const count_lags& lags) const {
  return {at(when - lags.visible, held).visible, at(when - lags.in_flight, held).in_flight,
          at(when - lags.delayed, held).delayed};
}

}  // namespace lifehook::simulator
