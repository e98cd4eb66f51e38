#include "handlers/instance_return.h"

#include "base/within.h"
#include "handlers/list_lag.h"
#include "handlers/no_action.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr backoff_limits between_tries{500ms, 30s};
constexpr duration look_again = 15s;
constexpr duration look_soon = 2s;               // again, at what a list that lags may show
constexpr duration last_look = 1min;             // at an instance that ends, when its state cannot be read
constexpr duration longest_replacement = 30min;  // of a root volume, the reboot included

bool is_being_replaced(std::string_view state) {
  return state.starts_with("ReplacingRootVolume") || state == "RootVolumeReplaced";
}

}  // namespace

task<result<std::string>> lifecycle_state(step_services& with, std::string instance, tenure& keeps, resting rests,
                                          logger log) {
  const attempts by{with.time, with.random, between_tries, std::move(log), "describing_instance_failed"};
  auto found = co_await ask_until_answered(by, keeps, rests, [&] { return with.instances.instance(instance); });
  co_return *found ? std::move((*found)->lifecycle_state) : std::string();
}

task<result<std::string>> state_after_pool(open_hook& of) {
  for (;;) {
    auto state = co_await lifecycle_state(of.services, of.about->instance, of.keeps, rest, of.log);
    if (!before_transition(event_kind::launching, *state) || of.age() >= list_lag) co_return state;
    co_await rest(of.services.time, of.keeps, look_soon);
  }
}

task<result<>> instance_return::leave_wait() const {
  for (;;) {
    const auto found = co_await hook_.services.instances.instance(hook_.about->instance);
    if (found.has_value() && has_left_wait(*found)) break;
    if (found.has_value() && hook_.now() >= hook_.deadline) break;  // another hook holds the same wait
    co_await rest_in_hand(hook_.services.time, hook_.keeps, look_again);
  }
  co_return result<>();
}

// In the first minute the list may not know yet that it ever came there.
bool instance_return::has_left_wait(const std::optional<aws::scaling_instance>& shown) const {
  const auto state = shown ? std::optional<std::string_view>(shown->lifecycle_state) : std::nullopt;
  if (state && waits(hook_.about->kind, *state)) return false;
  return hook_.age() >= list_lag || !before_transition(hook_.about->kind, state);
}

task<result<>> instance_return::undo_if_it_returns() const {
  const bool back = co_await returns();
  if (!back) co_return result<>();
  const auto undone = co_await steps_.undo(hook_.about, hook_.keeps, hook_.log);
  if (undone.has_value() && is_failure(*undone))
    hook_.log.error(
        "not_set_active",
        {{"outcome", name(*undone)}, {"advice", "it is in service again: set its container instance ACTIVE by hand"}});
  co_return result<>();
}

task<bool> instance_return::returns() const {
  const bool ends = hook_.about->ends_instance() && !hook_.over;  // acknowledged, and hardly ever to come back
  const auto by = std::max(hook_.deadline, hook_.now() + longest_replacement);
  for (bool has_left = false;;) {
    const auto now_in = co_await (ends && !has_left ? within(hook_.services.time, last_look, state()) : state());
    if (now_in.has_error()) {
      hook_.log.warn("instance_state_unread", {{"why", "its hook has ended; whether it came back could not be read"}});
      co_return false;
    }
    // In the first minute the list may not know yet that the instance ever left the service.
    const auto early = list_lag - hook_.age();
    const bool stays = hook_.over && early <= 0s;
    if (*now_in == "InService" && (has_left || stays)) co_return true;
    if (*now_in == "InService" && early > 0s) {
      const auto wait = hook_.over ? early : std::min(early, look_soon);
      co_await rest_in_hand(hook_.services.time, hook_.keeps, wait);
      continue;
    }
    has_left = is_being_replaced(*now_in);
    if (!has_left || hook_.now() >= by) co_return false;
    co_await rest_in_hand(hook_.services.time, hook_.keeps, look_again);
  }
}

// A hook that was over before is found over again: an instance that cannot be read need not be waited for in hand.
task<result<std::string>> instance_return::state() const {
  const auto rests = hook_.over ? rest : rest_in_hand;
  return lifecycle_state(hook_.services, hook_.about->instance, hook_.keeps, rests, hook_.log);
}

}  // namespace lifehook::handlers
