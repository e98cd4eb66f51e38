#include "handlers/lifecycle_state.h"

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

}  // namespace

bool waits(event_kind transition, std::string_view lifecycle_state) {
  return lifecycle_state.ends_with(":Wait") && of_transition(transition, lifecycle_state);
}

bool of_transition(event_kind transition, std::string_view state) {
  return transition == event_kind::launching ? on_the_way(launching, state) : on_the_way(terminating, state);
}

bool before_transition(event_kind transition, std::optional<std::string_view> state) {
  if (!state) return transition == event_kind::launching;
  return is_one_of(warm, *state) || (transition == event_kind::terminating && is_one_of(before_terminating, *state));
}

bool may_be_held(std::string_view state) {
  return !state.empty() && !state.ends_with(":Proceed") && !state.ends_with("Terminated");
}

bool is_past_its_hooks(std::string_view state) { return state == "Terminated" || state == "Terminating:Proceed"; }

bool serves(std::string_view state) { return state == "InService" || state == "Standby"; }

bool is_leaving(std::string_view state) { return state.starts_with("Detach") || state.starts_with("Terminat"); }

bool is_spare(std::string_view state) { return state.ends_with("Standby") || state.starts_with("Warmed"); }

bool is_being_replaced(std::string_view state) {
  return state.starts_with("ReplacingRootVolume") || state == "RootVolumeReplaced";
}

bool goes_to_warm_pool(std::string_view state) { return state.starts_with("Warmed:Pending"); }

}  // namespace lifehook::handlers
