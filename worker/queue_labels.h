#pragma once

#include "worker/config.h"

#include <string>
#include <vector>

namespace lifehook::worker {

// How each queue is called in metrics and logs, in order: by its name; queues of one name also by their region (or,
// when the url tells none, their host), their account, or both, whatever tells them apart: "lifecycle@eu-west-1".
std::vector<std::string> queue_labels(const std::vector<queue_settings>& queues);

}  // namespace lifehook::worker
