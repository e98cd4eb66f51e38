#pragma once

#include "aws/client.h"
#include "aws/dynamodb.h"
#include "aws/eventbridge.h"
#include "aws/sqs.h"
#include "aws/sts.h"
#include "base/log.h"
#include "base/task_group.h"
#include "handlers/equipment.h"
#include "handlers/reception.h"
#include "state/store.h"
#include "worker/config.h"

namespace lifehook {
struct metrics;  // base/metrics.h
}

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
  aws::sqs sqs;
  aws::eventbridge eventbridge;
  aws::sts sts;
  aws::dynamodb table;
  std::shared_ptr<state::store> state;
  handlers::equipment equipment;
  handlers::reception reception;
};

}  // namespace lifehook::worker
