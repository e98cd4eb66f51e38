#pragma once

#include "aws/environment.h"
#include "worker/config.h"

#include <string>
#include <vector>

namespace lifehook::worker {

struct iam_policy {
  std::string text;                  // JSON
  std::vector<std::string> remarks;  // for people: what is wider than it need be, and what could not be known
};

// What AWS must allow a worker with this configuration, and no more, as far as the configuration tells: the policies of
// deploy/iam that its steps and settings need, with its queues, groups, clusters and tables in them. The region is the
// configuration's, the environment's, or that of the first queue's URL.
iam_policy policy_for(const config& of, const aws::environment& env);

}  // namespace lifehook::worker
