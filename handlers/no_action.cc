#include "handlers/no_action.h"

#include "handlers/list_lag.h"

#include <algorithm>
#include <array>

namespace lifehook::handlers {

namespace {

constexpr std::array<std::string_view, 3> warm{"Warmed:Stopped", "Warmed:Running", "Warmed:Hibernated"};
constexpr std::array<std::string_view, 5> before_terminating{"Pending", "Pending:Wait", "Pending:Proceed", "InService",
                                                             "Standby"};
constexpr std::array<std::string_view, 2> launching{"Pending", "Warmed:Pending"};
constexpr std::array<std::string_view, 4> terminating{"Terminating", "Warmed:Pending", "Warmed:Terminating",
                                                      "ReplacingRootVolume"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& states, std::string_view state) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

// The transition's state without or with ":Wait".
template <std::size_t N>
bool on_the_way(const std::array<std::string_view, N>& states, std::string_view state) {
  constexpr std::string_view wait = ":Wait";
  if (state.ends_with(wait)) state.remove_suffix(wait.size());
  return is_one_of(states, state);
}

bool of_transition(event_kind transition, std::string_view state) {
  return transition == event_kind::launching ? on_the_way(launching, state) : on_the_way(terminating, state);
}

}  // namespace

bool before_transition(event_kind transition, std::optional<std::string_view> state) {
  if (!state) return transition == event_kind::launching;
  return is_one_of(warm, *state) || (transition == event_kind::terminating && is_one_of(before_terminating, *state));
}

bool needs_lifecycle_state(const no_action_facts& facts) { return !facts.call_accepted && facts.event_age < list_lag; }

no_action meaning_of(const no_action_facts& facts) {
  if (!needs_lifecycle_state(facts)) return no_action::over;
  const auto& state = facts.lifecycle_state;
  const bool may_come =
      before_transition(facts.transition, state) || (state && of_transition(facts.transition, *state));
  return may_come ? no_action::not_yet : no_action::over;
}

may_begin may_begin_with(const unproven_facts& facts) {
  const auto& state = facts.lifecycle_state;
  if (state && waits(facts.transition, *state)) return may_begin::yes;
  if (facts.event_age < list_lag) return may_begin::not_yet;
  if (!state || of_transition(facts.transition, *state)) return may_begin::yes;
  return facts.rejected || state->empty() ? may_begin::never : may_begin::not_yet;
}

bool waits(event_kind transition, std::string_view lifecycle_state) {
  return lifecycle_state.ends_with(":Wait") && of_transition(transition, lifecycle_state);
}

}  // namespace lifehook::handlers
