#include "worker/first_counts.h"

#include "base/metrics.h"
#include "handlers/heartbeats.h"
#include "handlers/step_table.h"

#include <array>
#include <set>
#include <string_view>

namespace lifehook::worker {

namespace {

using handlers::event_kind;
using handlers::outcome;

// As hooks end (handlers/hook_ending.h).
constexpr std::array<std::string_view, 5> hook_results{"continue", "abandon", "default", "over", "ended_early"};

void show_list(metrics& counts, const std::string& group, event_kind kind, const handlers::plan& list) {
  std::set<outcome> ends{outcome::failed, outcome::timeout};
  if (handlers::has_hook(kind)) ends.insert(outcome::lost);  // by AWS's timer, whatever the steps
  for_each_step(list, [&](const handlers::step_plan& each) {
    const auto& step = *handlers::find_step(each.step);
    ends.insert(step.ends.begin(), step.ends.end());
    if (step.stands_aside) counts.steps.touch({step.name, group, "failed"});
  });
  for (const auto end : ends) counts.events.touch({handlers::name(kind), group, handlers::name(end)});
}

void show_hooks(metrics& counts, const std::string& group, event_kind transition) {
  counts.hooks_adopted.touch({group, handlers::name(transition)});
  for (const auto each : handlers::heartbeat_outcomes) counts.heartbeats.touch({group, each});
  for (const auto each : hook_results) counts.hooks_completed.touch({group, handlers::name(transition), each});
}

}  // namespace

void show_at_zero(metrics& counts, std::span<const handlers::group> of) {
  counts.events.touch({"malformed", "", "malformed"});
  for (const auto& each : of)
    for (const auto& [kind, list] : each.plans) {
      show_list(counts, each.name, kind, list);
      if (handlers::has_hook(kind)) show_hooks(counts, each.name, kind);
    }
}

}  // namespace lifehook::worker
