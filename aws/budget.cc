#include "aws/budget.h"

#include <boost/asio/this_coro.hpp>

namespace lifehook::aws {

bool budget::take_now(urgency how) {
  const auto now = clock_.uptime();
  const bool is_free = waiting_ == 0 && bucket_.until_free(now) == duration::zero();
  if (!is_free && how != urgency::hook) return false;
  bucket_.take(now);
  return true;
}

task<> budget::enter(urgency how) {
  if (take_now(how)) co_return;
  const auto mine = std::make_shared<turn>(co_await asio::this_coro::executor);
  turns_[static_cast<std::size_t>(how)].push_back(mine);
  ++waiting_;
  struct on_cancel {
    ~on_cancel() {
      if (waiting) of.given_up = true;
    }
    turn& of;
    bool waiting = true;
  } guard{*mine};
  if (!next_.is_set()) let_go();
  co_await mine->granted.wait();
  guard.waiting = false;
}

std::shared_ptr<budget::turn> budget::next_turn() {
  for (auto& each : turns_) {
    while (!each.empty()) {
      auto first = each.front();
      if (!first->given_up) return first;
      each.pop_front();
      --waiting_;
    }
  }
  return nullptr;
}

// Those for whom there is room now; the alarm is for the next one.
void budget::let_go() {
  next_.unset();
  while (const auto first = next_turn()) {
    const auto now = clock_.uptime();
    if (const auto wait = bucket_.until_free(now); wait > duration::zero())
      return next_.set(wait, [this] { let_go(); });
    bucket_.take(now);
    for (auto& each : turns_)
      if (!each.empty() && each.front() == first) each.pop_front();
    --waiting_;
    first->granted.set();
  }
}

}  // namespace lifehook::aws
