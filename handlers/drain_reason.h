#pragma once

#include "aws/ecs.h"
#include "base/clock.h"
#include "handlers/outcome.h"

#include <optional>
#include <string>
#include <vector>

namespace lifehook::handlers {

// The tasks of an instance as a look counts them.
struct drain_tally {
  int running = 0, pending = 0;
  int stopping = 0;  // told to stop, and not stopped yet

  bool operator==(const drain_tally&) const = default;
  bool empty() const { return running + pending + stopping == 0; }
};

// What is known of a drain that has stood still for a while.
struct drain_facts {
  bool agent_connected = true;
  std::vector<aws::ecs_task> tasks{};          // still meant to run on the instance
  std::vector<std::string> protected_tasks{};  // arns
  std::vector<aws::ecs_service> services{};    // of those tasks
  drain_tally counted{};                       // by the last look
  std::string stopping{};                      // of those still stopping one, and its state; empty: not known
  std::optional<time_point> stops_at{};        // standalone tasks
};

struct drain_reason {
  outcome why = outcome::timeout;
  std::string text;  // for people: which task or service, and what to change
};

// Why a drain cannot go on; nullopt: nothing known stands in its way, it may only be slow.
std::optional<drain_reason> reason_of(const drain_facts& facts);

// The services (names) that tasks belong to, each once.
std::vector<std::string> services_of(const std::vector<aws::ecs_task>& tasks);

}  // namespace lifehook::handlers
