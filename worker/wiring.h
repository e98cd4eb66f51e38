#pragma once

#include "aws/autoscaling.h"
#include "aws/client.h"
#include "aws/dynamodb.h"
#include "aws/ec2.h"
#include "aws/ecs.h"
#include "aws/ecs_run.h"
#include "aws/elbv2.h"
#include "aws/eventbridge.h"
#include "aws/sns.h"
#include "aws/sqs.h"
#include "aws/ssm.h"
#include "aws/sts.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/task_group.h"
#include "handlers/reception.h"
#include "handlers/services.h"
#include "state/store.h"
#include "worker/config.h"

namespace lifehook::worker {

// What the outside gives the program: the two seams, keys, chance, and a place for logs. Outlives everything built on
// it.
struct surroundings {
  clock& time;
  aws::http_transport& wire;
  aws::credential_provider& keys;
  aws::environment env;
  random_source& random;
  metrics& counts;
  logger log;
  std::shared_ptr<state::store> file_state{};  // opened before all else where the configuration names a file
  duration patience = duration::max();         // with throttling, of each call
  std::string_view commit = "unknown";         // that the program was built of
};

// All parts between the wire and a parsed event, put together in one place. Its tasks run in `tasks`.
class wiring {
 public:
  wiring(surroundings& with, std::string region, const config& of, task_group& tasks, bool dry_run);

  aws::client client;
  aws::client hurried_client;
  aws::sqs sqs;
  aws::autoscaling autoscaling;
  aws::autoscaling hurried_autoscaling;
  aws::ecs ecs;
  aws::ecs hurried_ecs;
  aws::ecs_runner runner;
  aws::ecs_runner hurried_runner;
  aws::ec2 ec2;
  aws::ec2 hurried_ec2;
  aws::elbv2 elbv2;
  aws::elbv2 hurried_elbv2;
  aws::ssm ssm;
  aws::ssm hurried_ssm;
  aws::sns sns;
  aws::sns hurried_sns;
  aws::eventbridge eventbridge;
  aws::sts sts;
  aws::dynamodb table;
  std::shared_ptr<state::store> state;
  handlers::hook_catalog hooks;
  handlers::instance_catalog instances;
  handlers::ecs_clusters clusters;
  handlers::target_catalog targets;
  handlers::image_catalog images;
  handlers::image_keeper keeper;
  handlers::cause_catalog causes;
  handlers::instance_news news;
  handlers::deadline_board deadlines;
  handlers::hook_lines lines;
  handlers::step_services services;
  handlers::reception reception;
};

}  // namespace lifehook::worker
