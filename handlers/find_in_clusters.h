#pragma once

#include "handlers/ecs_clusters.h"
#include "handlers/step.h"

#include <string>
#include <vector>

namespace lifehook::handlers {

// The clusters an instance may be in: those that a person named, or any of the account and region.
struct cluster_choice {
  std::vector<std::string> names{};
  bool any = false;  // clusters: auto
};

// Where an EC2 instance was found, rather with an agent than without, after that rather with tasks than without, and
// then rather DRAINING than not: that is where it was drained before a reboot, after which its agent comes late. All
// clusters are asked unless one has its agent; one that denies is passed over once it was found with tasks. No
// instances: in none of them. Named ones that were asked and do not have it exist and are ACTIVE: an unknown or
// inactive one is an outage. A listed one that is deleted meanwhile is passed over.
struct found_in_cluster {
  ecs_cluster_view* cluster = nullptr;
  found_instances instances;
};
task<result<found_in_cluster>> find_everywhere(step_context& in, const cluster_choice& among);
// The same while the event is being proven; found again where that took its time.
task<result<found_in_cluster>> find_proven(step_context& in, const cluster_choice& among);

}  // namespace lifehook::handlers
