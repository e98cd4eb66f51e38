#pragma once

#include "worker/config.h"
#include "worker/config_reader.h"

namespace lifehook::worker {

// `budget`: how much of the account's API limits this worker may use.
budget_config read_budget(config_reader& in, const written& at);

}  // namespace lifehook::worker
