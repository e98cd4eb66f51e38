#include "handlers/hook_end.h"

#include <algorithm>
#include <array>

namespace lifehook::handlers {

using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 2> launching{"Pending", "Warmed:Pending"};
constexpr std::array<std::string_view, 4> terminating{"Terminating", "Warmed:Pending", "Warmed:Terminating",
                                                      "ReplacingRootVolume"};

// The transition's state without or with ":Wait".
template <std::size_t N>
bool on_the_way(const std::array<std::string_view, N>& states, std::string_view state) {
  constexpr std::string_view wait = ":Wait";
  if (state.ends_with(wait)) state.remove_suffix(wait.size());
  return std::find(states.begin(), states.end(), state) != states.end();
}

bool of_transition(event_kind transition, std::string_view state) {
  return transition == event_kind::launching ? on_the_way(launching, state) : on_the_way(terminating, state);
}

}  // namespace

bool needs_lifecycle_state(const no_action_facts& facts) { return !facts.call_accepted && facts.event_age < 60s; }

no_action meaning_of(const no_action_facts& facts) {
  if (!needs_lifecycle_state(facts) || !facts.lifecycle_state) return no_action::over;
  return of_transition(facts.transition, *facts.lifecycle_state) ? no_action::not_yet : no_action::over;
}

bool waits(event_kind transition, std::string_view lifecycle_state) {
  return lifecycle_state.ends_with(":Wait") && of_transition(transition, lifecycle_state);
}

}  // namespace lifehook::handlers
