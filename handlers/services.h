#pragma once

#include "aws/autoscaling.h"
#include "aws/ec2.h"
#include "aws/ecs.h"
#include "aws/ecs_run.h"
#include "aws/haste.h"
#include "aws/sns.h"
#include "aws/ssm.h"
#include "base/backoff.h"
#include "base/task_group.h"
#include "handlers/cause_catalog.h"
#include "handlers/deadline_board.h"
#include "handlers/ecs_clusters.h"
#include "handlers/ended_hooks.h"
#include "handlers/group.h"
#include "handlers/heartbeat_demand.h"
#include "handlers/hook_catalog.h"
#include "handlers/hook_lines.h"
#include "handlers/image_catalog.h"
#include "handlers/image_keeper.h"
#include "handlers/instance_catalog.h"
#include "handlers/instance_news.h"
#include "handlers/lock_line.h"
#include "handlers/target_catalog.h"
#include "state/store.h"

#include <span>
#include <string>

namespace lifehook {
struct metrics;  // base/metrics.h
}

namespace lifehook::handlers {

// What steps and actions work with. Built once by the service; outlives all work.
struct step_services {
  clock& time;
  random_source& random;
  task_group& tasks;
  metrics& counts;
  aws::autoscaling& autoscaling;
  aws::by_haste<aws::ecs> ecs;
  aws::by_haste<aws::ecs_runner> runner;
  aws::by_haste<aws::ec2> ec2;
  aws::by_haste<aws::ssm> ssm;
  aws::by_haste<aws::sns> sns;
  hook_catalog& hooks;
  instance_catalog& instances;
  ecs_clusters& clusters;
  target_catalog& targets;
  image_catalog& images;
  image_keeper& keeper;
  cause_catalog& causes;
  instance_news& news;
  state::store& state;
  deadline_board& deadlines;
  hook_lines& lines;
  heartbeat_demand demand{};
  lock_line locks{};                // of this process alone
  ended_hooks ended{};              // the same
  std::string owner;                // this worker among all replicas: whose a lock is
  std::string account{};            // ours, once STS has told; empty: not known
  bool dry_run = false;             // of the whole worker: everything logs instead of acting
  std::span<const group> groups{};  // all configured ones, in their order; the reception's
};

}  // namespace lifehook::handlers
