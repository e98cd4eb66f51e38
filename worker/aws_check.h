#pragma once

#include "worker/config.h"
#include "worker/wiring.h"

#include <string>
#include <vector>

namespace lifehook::worker {

// One thing that was looked at, for people. Wrong: the worker could not do its work, or would leave a hook alone.
struct aws_finding {
  enum class kind { fine, warning, wrong };
  kind how = kind::fine;
  std::string text;
};

// Whether AWS is as a configuration takes it to be, by looks that change nothing: credentials, queues, state, the ECS
// clusters that steps name, and for each group its Auto Scaling groups and their lifecycle hooks. What is wrong is
// told, never returned as an error. Tags are those of Auto Scaling groups: which instances have tags of their own is
// not looked at.
task<std::vector<aws_finding>> check_against_aws(wiring& parts, const config& of);

}  // namespace lifehook::worker
