#include "handlers/scaling_cause.h"

#include <boost/algorithm/string/find.hpp>
#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
#include <array>

namespace lifehook::handlers {

namespace {

struct wording {
  std::string_view words;
  scaling_cause means;
};

// The first that a text has decides: a refresh or a rebalancing also speaks of capacity, a policy of its alarm.
constexpr std::array<wording, 13> wordings{{{"instance refresh", scaling_cause::instance_refresh},
                                            {"instance lifetime", scaling_cause::max_lifetime},
                                            {"rebalance recommendation", scaling_cause::rebalance},
                                            {"capacity rebalancing", scaling_cause::rebalance},
                                            {"to balance instances in zones", scaling_cause::rebalance},
                                            {"scheduled action", scaling_cause::scheduled_action},
                                            {"triggered policy", scaling_cause::scaling_policy},
                                            {"executed policy", scaling_cause::scaling_policy},
                                            {"predictive scaling", scaling_cause::scaling_policy},
                                            {"health check", scaling_cause::health_check},
                                            {"health-check", scaling_cause::health_check},
                                            {"user request", scaling_cause::user_request},
                                            {"manually", scaling_cause::user_request}}};

constexpr std::array<std::string_view, 6> expectable{"instance_refresh", "scaling_policy", "scheduled_action",
                                                     "user_request",     "max_lifetime",   "rebalance"};

}  // namespace

std::string_view name(scaling_cause of) {
  switch (of) {
    case scaling_cause::unknown: return "unknown";
    case scaling_cause::instance_refresh: return "instance_refresh";
    case scaling_cause::scaling_policy: return "scaling_policy";
    case scaling_cause::scheduled_action: return "scheduled_action";
    case scaling_cause::user_request: return "user_request";
    case scaling_cause::max_lifetime: return "max_lifetime";
    case scaling_cause::rebalance: return "rebalance";
    case scaling_cause::health_check: return "health_check";
  }
  return "unknown";
}

std::span<const std::string_view> expectable_causes() { return expectable; }

scaling_cause cause_of(std::string_view text) {
  const auto found = std::find_if(wordings.begin(), wordings.end(), [text](const wording& each) {
    return boost::algorithm::icontains(text, each.words);
  });
  return found == wordings.end() ? scaling_cause::unknown : found->means;
}

}  // namespace lifehook::handlers
