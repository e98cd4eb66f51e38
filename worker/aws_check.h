#pragma once

#include "worker/config.h"
#include "worker/wiring.h"

#include <functional>
#include <string>

namespace lifehook::worker {

// One thing that was looked at, for people. Wrong: the worker could not do its work, or would leave a hook alone.
struct aws_finding {
  enum class kind { fine, warning, wrong };
  kind how = kind::fine;
  std::string text;
};

using tell_finding = std::function<void(const aws_finding&)>;

// Whether AWS is as a configuration takes it to be, by looks that change nothing: credentials, queues, state, the ECS
// clusters that steps and groups name, the topics of steps, and for each group its Auto Scaling groups and their
// lifecycle hooks. What is wrong is told, never returned as an error, and each thing as soon as it is known: an answer
// may take half a minute. Tags are those of Auto Scaling groups: which instances have tags of their own is not looked
// at.
task<> check_against_aws(wiring& parts, const config& of, tell_finding tell);

}  // namespace lifehook::worker
