#include "handlers/event.h"

#include "aws/ecs.h"

namespace lifehook::handlers {

namespace {

constexpr std::string_view word_for(event_kind kind) {
  switch (kind) {
    case event_kind::launching: return "launching";
    case event_kind::terminating: return "terminating";
    case event_kind::spot_interruption: return "spot_interruption";
    case event_kind::rebalance_recommendation: return "rebalance_recommendation";
    case event_kind::capacity_reservation_interruption: return "capacity_reservation_interruption";
    case event_kind::state_change: return "state_change";
    case event_kind::scheduled_change: return "scheduled_change";
    case event_kind::task_interruption: return "task_interruption";
    case event_kind::task_stopped: return "task_stopped";
    case event_kind::task_running: return "task_running";
  }
  return {};
}

// No kind goes without a word: -Wswitch.
static_assert(word_for(static_cast<event_kind>(all_event_kinds.size() + 1)).empty(),
              "task_running stands last: all_event_kinds are those before it");

}  // namespace

std::string_view name(event_kind kind) { return word_for(kind); }

std::string event::cluster() const {
  const auto slash = cluster_arn.get().rfind('/');
  return slash == std::string::npos ? cluster_arn.get() : cluster_arn.get().substr(slash + 1);
}

std::string event::family() const {
  constexpr std::string_view of_family = "family:";
  if (task_group.get().starts_with(of_family)) return task_group.get().substr(of_family.size());
  return is_service_task() ? std::string() : definition_family.get();
}

std::string event::occurrence(time_point at) const {
  const bool is_once = (kind == event_kind::terminating && ends_instance()) ||
                       (kind == event_kind::launching && origin != place::warm_pool);
  if (is_once) return {};
  return token.empty() ? std::to_string(starts.value_or(at).time_since_epoch().count()) : token.substr(0, 8);
}

bool event::is_service_task() const { return aws::is_service_group(task_group); }

}  // namespace lifehook::handlers
