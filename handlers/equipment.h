#pragma once

#include "aws/client.h"
#include "aws/elbv2.h"
#include "handlers/services.h"

#include <string>

namespace lifehook::handlers {

// What steps and actions work with, put together in one place: AWS's services, which one client and its hurried twin
// speak to; what is asked of them once for all; and `services`, which names it to each step. Its tasks run in `tasks`.
// What it is given outlives it.
class equipment {
 public:
  equipment(clock& time, random_source& random, task_group& tasks, metrics& counts, aws::client& with,
            state::store& state, std::string owner, bool dry_run = false);
  equipment(const equipment&) = delete;
  equipment& operator=(const equipment&) = delete;

  // The same as of another worker, whose state is kept there.
  step_services services_of(std::string owner, state::store& with);

 private:
  clock& clock_;
  random_source& random_;
  task_group& tasks_;
  metrics& counts_;
  aws::client hurried_;

 public:
  aws::in_both_hastes<aws::autoscaling> autoscaling;
  aws::in_both_hastes<aws::ecs> ecs;
  aws::in_both_hastes<aws::ecs_runner> runner;
  aws::in_both_hastes<aws::ec2> ec2;
  aws::in_both_hastes<aws::elbv2> elbv2;
  aws::in_both_hastes<aws::ssm> ssm;
  aws::in_both_hastes<aws::sns> sns;
  hook_catalog hooks;
  instance_catalog instances;
  ecs_clusters clusters;
  target_catalog targets;
  image_catalog images;
  image_keeper keeper;
  cause_catalog causes;
  instance_news news;
  deadline_board deadlines;
  hook_lines lines;
  step_services services;
};

}  // namespace lifehook::handlers
