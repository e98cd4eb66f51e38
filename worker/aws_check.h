#pragma once

#include "worker/aws_finding.h"
#include "worker/config.h"
#include "worker/wiring.h"

namespace lifehook::worker {

// Whether AWS is as a configuration takes it to be, by looks that change nothing: credentials, queues and what feeds
// them, state, the ECS clusters that steps and groups name, the topics of steps, and for each group its Auto Scaling
// groups and their lifecycle hooks. What is wrong is told, never returned as an error, and each thing as soon as it is
// known: an answer may take half a minute.
task<> check_against_aws(wiring& parts, const config& of, tell_finding tell);

}  // namespace lifehook::worker
