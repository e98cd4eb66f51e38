#include "aws/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

// As the SDKs' adaptive mode has them.
constexpr double slower = 0.7;
constexpr double growth = 0.4;
constexpr double smoothing = 0.8;
constexpr double slowest = 2;  // there 0.5
constexpr duration window = 500ms;
constexpr double longest_debt = 2;  // seconds
constexpr duration one_burst = 1s;
constexpr duration forgiven_after = 10min;
constexpr duration one_spell = 30s;  // of throttling

double seconds(duration of) { return std::chrono::duration<double>(of).count(); }

}  // namespace

call_limits call_limits::shared_by(double replicas) const {
  if (refill == 0) return *this;
  return {std::max(1.0, most / replicas), refill / replicas};
}

std::optional<double> token_bucket::rate() const {
  if (slowed_to_) return slowed_to_;
  return limits_.refill == 0 ? std::nullopt : std::optional(limits_.refill);
}

// A share of the account's limits may be less than that by itself.
double token_bucket::floor() const { return limits_.refill == 0 ? slowest : std::min(slowest, limits_.refill); }

double token_bucket::burst() const { return slowed_to_ ? std::max(1.0, *slowed_to_) : limits_.most; }

bool token_bucket::has_to_spare(duration now) {
  if (is_slowed()) return false;
  refill(now);
  return !rate() || tokens_ > burst() / 2;
}

void token_bucket::change(call_limits to, duration now) {
  refill(now);
  const auto before = std::exchange(limits_, to);
  if (before.refill == 0 || to.refill == 0) return;
  const auto part = to.refill / before.refill;
  highest_ *= part;
  if (slowed_to_) slowed_to_ = std::max(floor(), *slowed_to_ * part);
  if (slowed_to_ && *slowed_to_ >= to.refill) slowed_to_.reset();
  tokens_ = std::min(burst(), tokens_ * part);
}

void token_bucket::refill(duration now) {
  const auto passed = seconds(now - std::exchange(filled_, now));
  tokens_ = std::min(burst(), tokens_ + passed * rate().value_or(0));
}

duration token_bucket::until_free(duration now) {
  if (!rate()) return 0s;
  refill(now);
  if (tokens_ >= 1) return 0s;
  return std::chrono::ceil<duration>(std::chrono::duration<double>((1 - tokens_) / *rate()));
}

void token_bucket::measure(duration now) {
  ++in_window_;
  if (now - window_ < window) return;
  const auto just_now = in_window_ / seconds(now - window_);
  measured_ = smoothing * just_now + (1 - smoothing) * measured_;
  in_window_ = 0;
  window_ = now;
}

// Below zero by who does not wait: the others pay it back, but for a few seconds at most.
void token_bucket::take(duration now) {
  measure(now);
  if (!rate()) return;
  refill(now);
  tokens_ = std::max(tokens_ - 1, -longest_debt * *rate());
}

// What was called says little: a burst is called at any rate. Between two throttles AWS's bucket was empty at both
// ends, so that as much went through as it is refilled; at the first one a full bucket is spread over half a minute.
double token_bucket::let_through(duration now) const {
  const auto passed = now - throttled_at_;
  return slowed_to_ && passed < one_spell ? let_through_since_ / seconds(passed) : let_through_lately_.at(now);
}

void token_bucket::throttled(duration now) {
  if (!limits_.adapts) return;
  // The calls that were in flight together are throttled together: that is one sign, not many.
  if (slowed_to_ && now - throttled_at_ < one_burst) return;
  refill(now);
  const auto at = std::max(let_through(now), floor());
  highest_ = rate() ? std::min(*rate(), at) : at;
  slowed_to_ = std::max(floor(), slower * highest_);
  throttled_at_ = now;
  let_through_since_ = 0;
  tokens_ = std::min(tokens_, 0.0);
}

void token_bucket::succeeded(duration now) {
  if (!limits_.adapts) return;
  let_through_lately_.add(now);
  ++let_through_since_;
  if (!slowed_to_) return;
  refill(now);
  const auto passed = seconds(now - throttled_at_);
  const auto bend = std::cbrt(highest_ * (1 - slower) / growth);
  const auto wanted = growth * std::pow(passed - bend, 3) + highest_;
  slowed_to_ = std::max(floor(), std::min(wanted, std::max(2 * measured_, *slowed_to_)));
  const bool is_at_limit = limits_.refill > 0 && *slowed_to_ >= limits_.refill;  // where little is called it never is
  if (is_at_limit || now - throttled_at_ >= forgiven_after) slowed_to_.reset();
}

}  // namespace lifehook::aws
