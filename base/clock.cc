#include "base/clock.h"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace lifehook {

using boost::system::error_code;
using sleep_handler = asio::async_result<asio::use_awaitable_t<loop_executor>, void(error_code)>::handler_type;

clock::~clock() = default;

bool clock::sooner::operator()(const alarm& a, const alarm& b) const { return a.due_ < b.due_; }

std::optional<duration> clock::earliest() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->due_;
}

void clock::add(alarm& who, duration wait) {
  who.due_ = monotonic() + std::max(wait, duration::zero());
  if (waiting_.insert(who) == waiting_.begin()) earliest_changed();
}

// Unset before what it would call is let go or called: either may destroy the alarm, or set it again.
std::function<void()> clock::take(alarm& who) {
  waiting_.erase(waiting_.iterator_to(who));
  return std::exchange(who.call_, nullptr);
}

void clock::unset(alarm& who) {
  const bool was_first = waiting_.iterator_to(who) == waiting_.begin();
  const auto let_go = take(who);
  if (was_first) earliest_changed();
}

void clock::fire_due() {
  const auto now = monotonic();
  while (!waiting_.empty() && waiting_.begin()->due_ <= now) {
    const auto call = take(*waiting_.begin());
    call();
  }
}

void clock::drop_all() {
  while (!waiting_.empty()) take(*waiting_.begin());
}

void alarm::set(duration wait, std::function<void()> call) {
  while (is_set()) unset();  // what the former call let go of may have set it again
  call_ = std::move(call);
  clock_.add(*this, wait);
}

void alarm::unset() {
  if (is_set()) clock_.unset(*this);
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

bool virtual_clock::jump() {
  const auto next = earliest();
  if (!next) return false;
  elapsed_ = std::max(elapsed_, *next);
  fire_due();
  return true;
}

void virtual_clock::advance(duration by) {
  const auto target = elapsed_ + by;
  for (auto next = earliest(); next && *next <= target; next = earliest()) jump();
  elapsed_ = target;
}

namespace {

class real_clock final : public clock {
 public:
  real_clock(loop_executor executor, double speed)
      : speed_(speed), timer_(std::move(executor)), wall_start_(wall()), start_(steady::now()) {}
  ~real_clock() override {
    drop_all();
    *there_ = false;
  }

  time_point now() const override { return wall_start_ + monotonic(); }
  time_point wall_now() const override { return speed_ == 1.0 ? wall() : now(); }

 private:
  using steady = std::chrono::steady_clock;

  static time_point wall() { return std::chrono::time_point_cast<duration>(std::chrono::system_clock::now()); }

  duration monotonic() const override {
    const auto real = std::chrono::duration_cast<duration>(steady::now() - start_);
    return speed_ == 1.0 ? real : duration(static_cast<duration::rep>(static_cast<double>(real.count()) * speed_));
  }

  // A wait armed for too early is left to fire and look again, for fewer timer system calls; unless it would wake an
  // idle process for nothing.
  void earliest_changed() override {
    const auto when = due();
    if (when < armed_)
      arm(when);
    else if (when - armed_ >= worth_arming_later)
      look_later();
  }

  void arm(steady::time_point when) {
    armed_ = when;
    timer_.expires_at(armed_);  // ends the former wait
    if (armed_ == never) return;
    timer_.async_wait([this, there = there_](error_code failed) {
      if (failed || !*there) return;
      armed_ = never;
      fire_due();
      earliest_changed();
    });
  }

  // Who unsets an alarm sets the next one soon, as a rule: while there are alarms it is not looked more than once a
  // second.
  void look_later() {
    if (looking_) return;
    const auto now = steady::now();
    if (earliest() && now < next_look_) return;
    asio::post(timer_.get_executor(), [this, there = there_] {
      if (!*there) return;
      looking_ = false;
      if (const auto when = due(); when - armed_ >= worth_arming_later) arm(when);
    });
    looking_ = true;
    next_look_ = now + worth_arming_later;
  }

  steady::time_point due() const {
    const auto next = earliest();
    return next ? to_real(*next) : never;
  }

  steady::time_point to_real(duration at) const {
    const auto real = static_cast<double>(at.count()) / speed_;
    return start_ + std::chrono::microseconds(static_cast<std::int64_t>(real) + 1);
  }

  static constexpr auto never = steady::time_point::max();
  static constexpr auto worth_arming_later = std::chrono::seconds(1);

  double speed_;
  loop_timer timer_;
  time_point wall_start_;
  steady::time_point start_;
  steady::time_point armed_ = never;
  bool looking_ = false;
  steady::time_point next_look_ = steady::time_point::min();
  std::shared_ptr<bool> there_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<clock> make_real_clock(loop_executor executor, double speed) {
  return std::make_unique<real_clock>(std::move(executor), speed);
}

}  // namespace lifehook
