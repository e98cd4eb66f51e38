#include "bench/fleet.h"

#include <algorithm>

namespace lifehook::bench {

void fleet::release(instant now) {
  if (!released_) released_ = now;
}

unsigned fleet::available(instant now) const {
  const auto all = static_cast<unsigned>(hooks_.size());
  if (!released_) return 0;
  if (per_second_ <= 0) return all;
  const auto come = std::chrono::duration<double>(now - *released_).count() * per_second_;
  return come < all ? static_cast<unsigned>(come) + 1 : all;
}

hook_range fleet::take(unsigned most, instant now) {
  const hook_range taken{taken_, std::min(most, available(now) - std::min(taken_, available(now)))};
  taken_ += taken.count;
  return taken;
}

std::optional<instant> fleet::next_message() const {
  if (!released_ || taken_ >= hooks_.size()) return std::nullopt;
  if (per_second_ <= 0) return released_;
  const std::chrono::duration<double> after(taken_ / per_second_);
  return *released_ + std::chrono::ceil<std::chrono::nanoseconds>(after);
}

void fleet::handed(hook_range messages, moment written) {
  for (auto n = messages.first; n < messages.first + messages.count; ++n) hooks_[n].received = written.at;
  totals_.handed += messages.count;
  if (messages.count > 0 && !totals_.first_handed) totals_.first_handed = written;
}

void fleet::drain(unsigned hook) {
  if (hook < hooks_.size()) hooks_[hook].draining = true;
}

void fleet::complete(unsigned hook, moment read) {
  if (hook >= hooks_.size() || completed(hook)) return;
  hooks_[hook].completed = read.at;
  ++totals_.completed;
  if (!draining(hook)) ++totals_.undrained;
  totals_.last_completed = read;
}

void fleet::remove(unsigned hook, moment read) {
  if (hook >= hooks_.size() || hooks_[hook].deleted) return;
  hooks_[hook].deleted = true;
  ++totals_.deleted;
  if (!completed(hook)) ++totals_.deleted_early;
  totals_.last_deleted = read;
}

fleet::totals fleet::so_far() const {
  auto all = totals_;
  all.hooks = static_cast<unsigned>(hooks_.size());
  return all;
}

std::vector<std::chrono::nanoseconds> fleet::latencies() const {
  std::vector<std::chrono::nanoseconds> found;
  for (const auto& each : hooks_)
    if (each.completed != instant()) found.push_back(each.completed - each.received);
  std::ranges::sort(found);
  return found;
}

}  // namespace lifehook::bench
