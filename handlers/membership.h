#pragma once

#include "base/async.h"
#include "base/error.h"
#include "state/store.h"

#include <string>

namespace lifehook::handlers {

// Which Auto Scaling group an instance was in when something was taken for its sake: Auto Scaling forgets an instance
// that has ended, but its message may come again, and what was taken is still to be given back. Kept for three days.
task<result<std::string>> remember_group(state::store& in, std::string instance, std::string scaling_group);
// Empty: nothing was taken for it.
task<result<std::string>> remembered_group(state::store& in, std::string instance);

}  // namespace lifehook::handlers
