#pragma once

#include <span>
#include <string_view>

namespace lifehook::handlers {

// Why Auto Scaling ends an instance, as a scaling activity words it.
enum class scaling_cause {
  unknown,
  instance_refresh,
  scaling_policy,
  scheduled_action,
  user_request,
  max_lifetime,
  rebalance,
  health_check,
};

std::string_view name(scaling_cause of);  // the words of `expected_causes`
// Those that may be expected: all but unknown and health_check.
std::span<const std::string_view> expectable_causes();

// Reads a Cause text. Pure; unknown for words nobody has seen yet.
scaling_cause cause_of(std::string_view text);

}  // namespace lifehook::handlers
