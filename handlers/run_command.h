#pragma once

#include "handlers/step_table.h"

namespace lifehook::handlers {

// Runs an SSM document on the instance and waits for it: saves logs before death, installs at birth. Once per instance
// and event: SSM has no client token, so the command's comment names the event, and whoever goes on with it looks for
// that comment first, under a claim that all replicas honour.
step_kind run_command_kind();

}  // namespace lifehook::handlers
