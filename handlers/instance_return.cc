#include "handlers/instance_return.h"

#include "base/within.h"
#include "handlers/lifecycle_state.h"
#include "handlers/lifecycle_state_look.h"
#include "handlers/list_lag.h"
#include "handlers/patience.h"

#include <algorithm>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr duration look_again = 15s;
constexpr duration last_look = 1min;             // at an instance that ends, when its state cannot be read
constexpr duration longest_replacement = 30min;  // of a root volume, the reboot included

}  // namespace

whereabouts whereabouts_of(const return_facts& of) {
  if (is_being_replaced(of.lifecycle_state)) return whereabouts::away;
  if (of.lifecycle_state != "InService") return whereabouts::ends;
  if (of.was_away) return whereabouts::back;
  if (of.event_age < list_lag) return whereabouts::not_told_yet;
  return of.hook_was_over ? whereabouts::back : whereabouts::ends;
}

task<> instance_return::leave_wait() const {
  for (;;) {
    const auto found = co_await hook_.services.instances.instance(hook_.about->instance);
    if (found.has_value() && has_left_wait(*found)) break;
    if (found.has_value() && hook_.now() >= hook_.deadline) break;  // another hook holds the same wait
    co_await rest_in_hand(hook_.services.time, hook_.keeps, look_again);
  }
}

// In the first minute the list may not know yet that it ever came there.
bool instance_return::has_left_wait(const std::optional<aws::scaling_instance>& shown) const {
  const auto state = shown ? std::optional<std::string_view>(shown->lifecycle_state) : std::nullopt;
  if (state && waits(hook_.about->kind, *state)) return false;
  return hook_.age() >= list_lag || !before_transition(hook_.about->kind, state);
}

task<> instance_return::undo_if_it_returns() const {
  const bool back = co_await returns();
  if (!back) co_return;
  const auto undone = co_await steps_.undo(hook_.about, hook_.keeps, hook_.log);
  if (is_failure(undone))
    hook_.log.error(
        "not_set_active",
        {{"outcome", name(undone)}, {"advice", "it is in service again: set its container instance ACTIVE by hand"}});
}

task<bool> instance_return::returns() const {
  const auto latest = std::max(hook_.deadline, hook_.now() + longest_replacement);
  for (bool was_away = false;;) {
    result<std::string> seen = std::string();
    if (hardly_comes_back(was_away))
      seen = co_await within(hook_.services.time, last_look, state());
    else
      seen = co_await state();
    if (seen.has_error()) {
      hook_.log.warn("instance_state_unread", {{"why", "its hook has ended; whether it came back could not be read"}});
      co_return false;
    }
    const auto is = whereabouts_of({*seen, was_away, hook_.over, hook_.age()});
    if (is == whereabouts::back) co_return true;
    if (is == whereabouts::ends || (is == whereabouts::away && hook_.now() >= latest)) co_return false;
    was_away = is == whereabouts::away;
    co_await rest_in_hand(hook_.services.time, hook_.keeps, was_away ? look_again : until_told());
  }
}

// Then a completed hook keeps its place for a minute at most where Auto Scaling does not answer.
bool instance_return::hardly_comes_back(bool was_away) const {
  return hook_.about->ends_instance() && !hook_.over && !was_away;
}

// Until Auto Scaling may show what it does not yet. Where there was no action it will most likely show nothing new.
duration instance_return::until_told() const {
  const auto left = list_lag - hook_.age();
  return hook_.over ? left : std::min(left, look_past_lag);
}

// A hook that was over before is found over again: an instance that cannot be read need not be waited for in hand.
task<std::string> instance_return::state() const {
  const auto rests = hook_.over ? rest_or_requeue : rest_in_hand;
  return lifecycle_state(hook_.services, hook_.about->instance, hook_.keeps, rests, hook_.log);
}

}  // namespace lifehook::handlers
