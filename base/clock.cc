#include "base/clock.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>
#include <tuple>

namespace lifehook {

using boost::system::error_code;
using sleep_handler = asio::async_result<asio::use_awaitable_t<loop_executor>, void(error_code)>::handler_type;

clock::~clock() = default;

void clock::drop_all() {
  while (!waiters_.empty()) waiters_.extract(waiters_.begin());
}

clock::waiters::iterator clock::add(duration wait, alarm& who, std::function<void()> call) {
  const auto when = monotonic() + std::max(wait, duration::zero());
  auto place = waiters_.emplace(std::piecewise_construct, std::forward_as_tuple(when),
                                std::forward_as_tuple(who, std::move(call)));
  if (place == waiters_.begin()) earliest_changed();
  return place;
}

void clock::remove(waiters::iterator entry) { waiters_.erase(entry); }

void clock::fire_due() {
  const auto now = monotonic();
  while (!waiters_.empty() && waiters_.begin()->first <= now) {
    auto node = waiters_.extract(waiters_.begin());
    node.mapped().fire();
  }
}

clock::waiter::~waiter() {
  if (owner) owner->set_ = false;
}

void clock::waiter::fire() {
  std::exchange(owner, nullptr)->set_ = false;
  const auto now = std::move(call);
  now();
}

void alarm::set(duration wait, std::function<void()> call) {
  unset();
  place_ = clock_.add(wait, *this, std::move(call));
  set_ = true;
}

void alarm::unset() {
  if (std::exchange(set_, false)) clock_.remove(place_);
}

// Where a suspended sleep lives until it is woken by time, by its handle or by cancellation, whichever comes first.
struct clock::sleeper {
  explicit sleeper(clock& time, sleep_handler&& then) : wake(time), handler(std::move(then)) {}

  void finish(error_code outcome) {
    if (!handler) return;
    wake.unset();
    auto then = std::move(*handler);
    handler.reset();
    auto executor = asio::get_associated_executor(then);
    asio::post(executor, [then = std::move(then), outcome]() mutable { std::move(then)(outcome); });
  }

  alarm wake;
  std::optional<sleep_handler> handler;
};

void clock::sleep_handle::wake() {
  if (const auto sleep = of_.lock()) sleep->finish({});
}

task<> clock::sleep_for(duration wait, sleep_handle* by) {
  auto start = [this, wait, by](sleep_handler handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto sleep = std::make_shared<sleeper>(*this, std::move(handler));
    if (by != nullptr) by->of_ = sleep;
    if (slot.is_connected()) {
      slot.assign([weak = std::weak_ptr(sleep)](asio::cancellation_type) {
        if (auto held = weak.lock()) held->finish(asio::error::operation_aborted);
      });
    }
    auto& wake = sleep->wake;
    wake.set(wait, [sleep = std::move(sleep)] { sleep->finish({}); });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<loop_executor>&, void(error_code)>(std::move(start),
                                                                                               use_awaitable);
}

task<> clock::sleep_until(time_point when) { return sleep_for(when - now()); }

bool virtual_clock::jump() {
  if (pending().empty()) return false;
  elapsed_ = std::max(elapsed_, pending().begin()->first);
  fire_due();
  return true;
}

void virtual_clock::advance(duration by) {
  const auto target = elapsed_ + by;
  while (!pending().empty() && pending().begin()->first <= target) jump();
  elapsed_ = target;
}

namespace {

class real_clock final : public clock {
 public:
  real_clock(loop_executor executor, double speed)
      : speed_(speed), timer_(std::move(executor)), wall_start_(wall()), start_(steady::now()) {}
  ~real_clock() override { drop_all(); }

  time_point now() const override { return speed_ == 1.0 ? wall() : wall_start_ + monotonic(); }

 private:
  using steady = std::chrono::steady_clock;

  static time_point wall() { return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now()); }

  duration monotonic() const override {
    const auto real = std::chrono::duration_cast<duration>(steady::now() - start_);
    return speed_ == 1.0 ? real : duration(static_cast<duration::rep>(static_cast<double>(real.count()) * speed_));
  }

  // An earlier wait already armed is left to fire and look again: fewer timer system calls.
  void earliest_changed() override {
    if (pending().empty()) return;
    const auto when = to_real(pending().begin()->first);
    if (when >= armed_) return;
    armed_ = when;
    timer_.expires_at(armed_);
    timer_.async_wait([this](error_code failed) {
      if (failed) return;
      armed_ = steady::time_point::max();
      fire_due();
      earliest_changed();
    });
  }

  steady::time_point to_real(duration at) const {
    const auto real = static_cast<double>(at.count()) / speed_;
    return start_ + std::chrono::microseconds(static_cast<std::int64_t>(real) + 1);
  }

  double speed_;
  loop_timer timer_;
  time_point wall_start_;
  steady::time_point start_;
  steady::time_point armed_ = steady::time_point::max();
};

}  // namespace

std::unique_ptr<clock> make_real_clock(loop_executor executor, double speed) {
  return std::make_unique<real_clock>(std::move(executor), speed);
}

}  // namespace lifehook
