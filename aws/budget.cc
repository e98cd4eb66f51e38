#include "aws/budget.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <numeric>

namespace lifehook::aws {

namespace {

constexpr double least_left = 0.1;  // of the rate, for those who wait

}  // namespace

void budget::take(urgency how, duration now) {
  bucket_.take(now);
  asked_[static_cast<std::size_t>(how)].add(now);
  if (const auto rate = bucket_.rate(); rate && how == urgency::hook) hooks_owe_.add(now, *rate, bucket_.burst());
}

bool budget::take_now(urgency how) {
  const auto now = clock_.uptime();
  const bool is_free = waiting_ == 0 && bucket_.until_free(now) == duration::zero();
  if (!is_free && how != urgency::hook) return false;
  take(how, now);
  return true;
}

task<> budget::enter(urgency how) {
  if (take_now(how)) co_return;
  const auto mine = std::make_shared<turn>(how, co_await asio::this_coro::executor);
  if (waiting_ == 0) last_turn_ = clock_.uptime();
  turns_[static_cast<std::size_t>(how)].push_back(mine);
  ++waiting_;
  if (!next_.is_set()) let_go();
  co_await mine->granted.wait();
}

void budget::change(call_limits to) {
  bucket_.change(to, clock_.uptime());
  let_go();
}

std::optional<double> budget::rate_for(urgency how) const {
  const auto rate = bucket_.rate();
  if (!rate) return std::nullopt;
  const auto* const last = asked_.begin() + static_cast<std::ptrdiff_t>(how);
  const auto taken = std::accumulate(
      asked_.begin(), last, 0.0, [now = clock_.uptime()](double sum, const auto& each) { return sum + each.at(now); });
  return std::max(*rate - taken, *rate * least_left);
}

std::optional<overload> budget::overloaded() const {
  const auto rate = bucket_.rate();
  const auto now = clock_.uptime();
  if (!rate || !hooks_owe_.is_deep(now, *rate, bucket_.burst())) return std::nullopt;
  const auto asked = asked_[static_cast<std::size_t>(urgency::hook)].at(now);
  return asked > *rate ? std::optional(overload{{}, asked, *rate}) : std::nullopt;
}

std::shared_ptr<budget::turn> budget::next_turn() {
  for (auto& each : turns_) {
    while (!each.empty()) {
      if (auto first = each.front().lock()) return first;
      each.pop_front();
      --waiting_;
    }
  }
  return nullptr;
}

duration budget::until_turn(duration now) {
  const auto wait = bucket_.until_free(now);
  if (wait == duration::zero()) return wait;
  const std::chrono::duration<double> longest(1 / (least_left * *bucket_.rate()));
  return std::clamp(last_turn_ + std::chrono::ceil<duration>(longest) - now, duration::zero(), wait);
}

// Those for whom there is room now; the alarm is for the next one.
void budget::let_go() {
  next_.unset();
  while (const auto first = next_turn()) {
    const auto now = clock_.uptime();
    if (const auto wait = until_turn(now); wait > duration::zero()) return next_.set(wait, [this] { let_go(); });
    last_turn_ = now;
    take(first->how, now);
    turns_[static_cast<std::size_t>(first->how)].pop_front();
    --waiting_;
    first->granted.set();
  }
}

}  // namespace lifehook::aws
