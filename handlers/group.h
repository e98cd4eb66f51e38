#pragma once

#include "handlers/event.h"
#include "handlers/settings.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

enum class failure_policy { proceed, abandon, leave_default };

// As in YAML.
constexpr std::string_view name(failure_policy of) {
  switch (of) {
    case failure_policy::proceed: return "continue";
    case failure_policy::abandon: return "abandon";
    case failure_policy::leave_default: return "default";
  }
  return "continue";
}

// One configured group: which instances it speaks for and what happens to them. The first that matches wins.
struct group {
  std::string name;                               // metric label
  std::vector<std::string> match;                 // Auto Scaling group names, globs
  std::map<std::string, std::string> match_tags;  // all must be there; values are globs
  std::vector<std::string> match_clusters;        // of task events: ECS clusters, globs
  std::vector<std::string> families;              // of task events: families of standalone tasks, globs; empty: all
  std::vector<std::string> hooks;                 // lifecycle hook names answered, globs
  duration deadline = std::chrono::hours(1);
  failure_policy on_launch_failure = failure_policy::abandon;
  failure_policy on_terminate_failure = failure_policy::proceed;
  std::map<event_kind, plan> plans;

  const plan* plan_for(event_kind kind) const {
    const auto found = plans.find(kind);
    return found == plans.end() ? nullptr : &found->second;
  }
};

template <class See>
void for_each_step(const plan& in, See see) {
  for (const auto& stage : in)
    for (const auto& step : stage.together) see(step);
}

// Of all its lists, each with what its list is for.
template <class See>
void for_each_step(const group& in, See see) {
  for (const auto& [kind, list] : in.plans)
    for_each_step(list, [&see, on = kind](const step_plan& step) { see(step, on); });
}

}  // namespace lifehook::handlers
