#pragma once

#include "bench/answers.h"
#include "bench/fleet.h"

#include <optional>
#include <string>

namespace lifehook::bench {

// What GET /stats says, as JSON: how far the hooks are, calls by operation, milliseconds from the message written to
// the completion read, instants in seconds of CLOCK_MONOTONIC, and the share of the time between the first message and
// the last completion or deletion in which the endpoint did not wait.
std::string render_stats(const fleet& of, const answers& with, std::optional<moment> first_receive, moment now);

// What GET /order says, as JSON: when each message was written and its hook completed, and every call that was kept in
// order, in seconds of CLOCK_MONOTONIC.
std::string render_order(const fleet& of, const answers& with);

}  // namespace lifehook::bench
