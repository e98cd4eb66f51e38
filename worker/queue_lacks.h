#pragma once

#include "queues/attributes.h"
#include "worker/config.h"

#include <string>
#include <vector>

namespace lifehook::worker {

// What a queue has too little of for what a configuration wants of it, for people; beside what no worker starts on
// (queues/attributes.h). Pure.
std::vector<std::string> lacks_of(const queues::queue_attributes& queue, const config& of);

}  // namespace lifehook::worker
