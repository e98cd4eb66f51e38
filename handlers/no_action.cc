#include "handlers/no_action.h"

#include "handlers/list_lag.h"

namespace lifehook::handlers {

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

}  // namespace lifehook::handlers
