#include "handlers/notice_turn.h"

#include "base/side_by_side.h"
#include "base/within.h"
#include "handlers/group_lock.h"
#include "handlers/services.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration for_state = 3s;
constexpr duration for_another_try = 10s;
constexpr duration look_again = 1s;
constexpr duration renew_lock = lock_lasts / 3;
constexpr duration remembered = 24h * 21;  // AWS Health tells of a change about two weeks ahead, more than once

task<result<std::string>> then_raise(interrupt& told, task<result<std::string>> telling) {
  auto published = co_await std::move(telling);
  told.raise();
  co_return published;
}

}  // namespace

task<bool> notice_turn::take(duration until) {
  auto& time = context_.services().time;
  const auto waits_until = until - std::min((until - time.uptime()) / 2, for_another_try);
  for (;;) {
    const auto found = co_await within(time, for_state, look());
    if (found.has_error()) {
      say_not_noted(found.error());
      co_return true;
    }
    is_locked_ = *found == whose::ours;
    if (*found != whose::anothers) co_return is_locked_;
    if (time.uptime() + look_again > waits_until) co_return true;
    if (const auto paused = co_await context_.pause_in_hand(look_again); paused.has_error()) co_return true;
  }
}

task<result<notice_turn::whose>> notice_turn::look() {
  auto& state = context_.services().state;
  const auto locked = co_await state.lock(key_, context_.owner(), lock_lasts);
  if (locked.has_error()) co_return locked.error();
  const auto note = co_await state.note(key_);
  if (note.has_error()) co_return note.error();
  if (!*note) co_return *locked ? whose::ours : whose::anothers;
  if (*locked) co_await drop_lock(context_, key_);
  co_return whose::told;
}

task<result<std::string>> notice_turn::tell(task<result<std::string>> telling, duration by) {
  auto& time = context_.services().time;
  if (!is_locked_) co_return co_await std::move(telling);
  if (by - time.uptime() > longest_locked) telling = keep_lock_during(std::move(telling));
  auto published = co_await std::move(telling);
  const auto left = co_await within(time, for_state, leave(published.has_value()));
  if (left.has_error()) say_not_noted(left.error());
  co_return published;
}

// Renewed: a lock that lasted as long as the step may would outlive a worker that died by as much.
task<result<std::string>> notice_turn::keep_lock_during(task<result<std::string>> telling) {
  interrupt told;
  std::vector<task<result<std::string>>> both;
  both.push_back(then_raise(told, std::move(telling)));
  both.push_back(told.guard(keep_lock()));
  auto ended = co_await side_by_side(std::move(both));
  co_return std::move(ended.front());
}

task<result<std::string>> notice_turn::keep_lock() {
  auto& with = context_.services();
  for (;;) {
    co_await with.time.sleep_for(renew_lock);
    co_await within(with.time, for_state, with.state.lock(key_, context_.owner(), lock_lasts));
  }
}

task<result<>> notice_turn::leave(bool told) {
  auto& state = context_.services().state;
  if (told) {
    const auto noted = co_await state.write_spare_note(key_, "told", remembered);
    if (noted.has_error()) co_return noted.error();
  }
  co_return co_await state.unlock(key_, context_.owner());
}

void notice_turn::say_not_noted(const error& why) const {
  context_.log().warn("notice_not_noted", {{"error", why.what()}, {"why", "it may be told more than once"}});
}

}  // namespace lifehook::handlers
