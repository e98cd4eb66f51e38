#include "handlers/event.h"

namespace lifehook::handlers {

std::string_view name(event_kind kind) {
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
  }
  return "unknown";
}

}  // namespace lifehook::handlers
