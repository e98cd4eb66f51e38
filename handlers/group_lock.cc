#include "handlers/group_lock.h"

#include <optional>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration until_next_try = 250ms;  // where another replica has it
constexpr duration shortest_locked = 5s;    // for a handful of calls
constexpr duration until_arrived = 3s;      // a call that was cut off
constexpr duration most_at_stop = 500ms;    // of that, where a stop waits for it

// nullopt: another has it. The lock's end counts from before the call, however many attempts its answer takes: they are
// one request, sent again.
task<result<std::optional<duration>>> try_lock(step_context& in, std::string key) {
  const auto& time = in.services().time;
  const auto ends = time.uptime() + longest_locked;
  const auto taken = co_await in.services().state.lock(key, in.owner(), lock_lasts);
  if (taken.has_error()) co_return taken.error();
  if (!*taken) co_return std::nullopt;
  if (ends - time.uptime() >= shortest_locked) co_return ends;
  co_await drop_lock(in, key);
  co_return error{errc::timeout, "the lock was answered for too late to work under it"};
}

}  // namespace

task<result<duration>> take_lock(step_context& in, std::string key, lock_line::place& mine) {
  while (!mine.is_first()) {
    in.waits_for("another event is changing the same: " + key);
    co_await in.stand_in_line(mine.until_first());
  }
  in.services().locks.take_left(key, in.owner());  // before it is asked for: none is dropped that was just taken
  for (;;) {
    const auto ends = co_await in.ask("taking the lock of the group", [&] { return try_lock(in, key); });
    if (ends.has_error()) co_return ends.error();
    if (*ends) {
      in.goes_on();
      co_return **ends;
    }
    in.waits_for("another event is changing the same: " + key);
    const auto pause = spread(until_next_try, 0.5, in.services().random);
    if (const auto paused = co_await in.pause_or_requeue(pause); paused.has_error()) co_return paused.error();
  }
}

namespace {

task<> drop_late(step_services& with, std::string key, std::string owner, duration wait) {
  co_await with.time.sleep_for(wait);
  if (with.locks.take_left(key, owner)) co_await with.state.unlock(std::move(key), std::move(owner));
}

}  // namespace

lock_guard::~lock_guard() {
  if (!is_held_) return;
  auto& with = in_.services();
  with.locks.leave(key_, in_.owner());
  with.tasks.spawn(drop_late(with, std::move(key_), in_.owner(), in_.is_stopping() ? most_at_stop : until_arrived));
}

task<> lock_guard::drop() {
  co_await drop_lock(in_, key_);
  is_held_ = false;
}

task<> drop_lock(step_context& in, std::string key) {
  if (const auto dropped = co_await in.services().state.unlock(std::move(key), in.owner()); dropped.has_error())
    in.log().warn("lock_left_behind", {{"error", dropped.error().what()}, {"runs_out_in_seconds", lock_lasts}});
}

}  // namespace lifehook::handlers
