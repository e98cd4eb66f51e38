#pragma once

#include "aws/ecs.h"
#include "handlers/deadline_board.h"
#include "handlers/ecs_clusters.h"
#include "handlers/heartbeats.h"

namespace lifehook::handlers {

// What steps and actions work with. Built once by the service; outlives all work.
struct step_services {
  hook_services hook;
  aws::ecs& ecs;
  ecs_clusters& clusters;
  deadline_board& deadlines;
  bool dry_run = false;  // of the whole worker: everything logs instead of acting
};

}  // namespace lifehook::handlers
