#include "aws/time_limits.h"

#include <boost/asio/post.hpp>

#include <utility>

namespace lifehook::aws {

using steady = std::chrono::steady_clock;

time_limits::place time_limits::set(duration limit, limited& who) {
  const auto place = order_.emplace(steady::now() + limit, &who);
  if (place == order_.begin()) arm();
  return place;
}

void time_limits::drop(place where) {
  order_.erase(where);
  if (order_.empty()) look_idle();
}

// An earlier wait already armed is left to fire and look again: fewer timer system calls.
void time_limits::arm() {
  if (order_.empty() || order_.begin()->first >= armed_) return;
  armed_ = order_.begin()->first;
  timer_.expires_at(armed_);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code failed) {
    if (const auto self = weak.lock(); self && !failed) self->fired();
  });
}

void time_limits::fired() {
  armed_ = steady::time_point::max();
  const auto now = steady::now();
  while (!order_.empty() && order_.begin()->first <= now) {
    auto& who = *order_.begin()->second;
    order_.erase(order_.begin());
    who.late();
  }
  arm();
}

// The timer of the last one would keep the executor busy until it fires; but who goes on with the next limit at once,
// which is the rule, would pay for arming it anew.
void time_limits::look_idle() {
  if (std::exchange(looking_, true)) return;
  asio::post(timer_.get_executor(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->looking_ = false;
    if (!self->order_.empty()) return;
    self->timer_.cancel();
    self->armed_ = steady::time_point::max();
  });
}

}  // namespace lifehook::aws
