#include "handlers/group_lock.h"

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration until_next_try = 250ms;

}  // namespace

task<result<>> take_lock(step_context& in, std::string key) {
  for (;;) {
    auto asking =
        in.ask("taking the lock of the group", [&] { return in.services().state.lock(key, in.owner(), lock_lasts); });
    const auto taken = co_await std::move(asking);
    if (taken.has_error()) co_return taken.error();
    if (*taken) co_return result<>();
    auto pausing = in.pause(until_next_try);
    if (const auto paused = co_await std::move(pausing); paused.has_error()) co_return paused.error();
  }
}

task<> drop_lock(step_context& in, std::string key) {
  auto dropping = in.services().state.unlock(std::move(key), in.owner());
  if (const auto dropped = co_await std::move(dropping); dropped.has_error())
    in.log().warn("lock_left_behind", {{"error", dropped.error().what()}, {"runs_out_in_seconds", lock_lasts}});
}

}  // namespace lifehook::handlers
