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

bool budget::hooks_wait() const { return !turns_.empty() && turns_.begin()->first.first == urgency::hook; }

bool budget::take_now(urgency how) {
  const auto now = clock_.uptime();
  const bool is_free = turns_.empty() && bucket_.until_free(now) == duration::zero();
  const bool never_waits = how == urgency::hook && !bucket_.is_slowed() && !hooks_wait();
  if (!is_free && !never_waits) return false;
  take(how, now);
  return true;
}

task<> budget::enter(urgency how, duration by, duration latest) {
  if (take_now(how)) co_return;
  const auto now = clock_.uptime();
  if (latest <= now) co_return take(how, now);
  const auto mine = std::make_shared<turn>(co_await asio::this_coro::executor);
  if (turns_.empty()) last_turn_ = now;
  for (auto& each : parts_)
    if (how > each.above && first_below(each.above) == turns_.end()) each.went = now;
  turns_.emplace(std::pair(how, by), mine);
  if (!next_.is_set()) let_go();
  alarm patience_ends(clock_);
  if (latest != duration::max()) patience_ends.set(latest - now, [&mine] { mine->granted.set(); });
  co_await mine->granted.wait();
  if (!mine->came) take(how, clock_.uptime());
}

void budget::throttled() {
  ++throttles_;
  bucket_.throttled(clock_.uptime());
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

std::optional<throttling> budget::throttled_so_far() const {
  if (throttles_ == 0) return std::nullopt;
  return throttling{{}, throttles_, bucket_.is_slowed(), waiting(), bucket_.rate()};
}

budget::turns::iterator budget::first_from(turns::iterator at) {
  while (at != turns_.end() && at->second.expired()) at = turns_.erase(at);
  return at;
}

budget::turns::iterator budget::first_below(urgency how) {
  return first_from(turns_.upper_bound({how, duration::max()}));
}

// How long the others wait at most for one turn.
duration budget::longest_without() const {
  return std::chrono::ceil<duration>(std::chrono::duration<double>(1 / (least_left * bucket_.rate().value_or(1))));
}

budget::turns::iterator budget::next_turn(duration now) {
  auto next = first_from(turns_.begin());
  for (const auto& each : parts_) {
    if (next == turns_.end() || next->first.first != each.above || now < each.went + longest_without()) continue;
    if (const auto less_urgent = first_below(each.above); less_urgent != turns_.end()) next = less_urgent;
  }
  return next;
}

duration budget::until_turn(duration now) {
  const auto wait = bucket_.until_free(now);
  if (wait == duration::zero()) return wait;
  return std::clamp(last_turn_ + longest_without() - now, duration::zero(), wait);
}

// Those for whom there is room now; the alarm is for the next one.
void budget::let_go() {
  next_.unset();
  for (;;) {
    const auto now = clock_.uptime();
    const auto first = next_turn(now);
    if (first == turns_.end()) return;
    if (const auto wait = until_turn(now); wait > duration::zero()) return next_.set(wait, [this] { let_go(); });
    const auto how = first->first.first;
    const auto leaves = first->second.lock();
    turns_.erase(first);
    last_turn_ = now;
    for (auto& each : parts_)
      if (how > each.above) each.went = now;
    take(how, now);
    leaves->came = true;
    leaves->granted.set();
  }
}

}  // namespace lifehook::aws
