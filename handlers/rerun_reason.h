#pragma once

#include "aws/ecs_run.h"

#include <string>
#include <vector>

namespace lifehook::handlers {

enum class rerun_on { interruption, failure };

// How often a task was run again is told by its tags.
constexpr std::string_view attempt_tag = "lifehook:attempt";
constexpr std::string_view rerun_of_tag = "lifehook:rerun-of";

struct rerun_decision {
  bool again = false;
  std::string why;  // for people
};

// Whether a standalone task that has stopped is to be run again: interrupted (also by a drain of ours, which stopped it
// since its instance ends), or failed, and not succeeded.
// `was_told`: the event itself said that it is interrupted; else its stop code does. Pure.
rerun_decision rerun_of(const aws::whole_task& stopped, const std::vector<std::string>& essential, rerun_on what,
                        bool was_told = false);

// The how-manieth run again this would be, from 1.
std::int64_t next_attempt(const aws::whole_task& stopped);

// The request that runs it again. The client token follows from task and attempt: two who ask run one task.
aws::run_request request_of(const aws::whole_task& stopped, std::string cluster,
                            std::optional<aws::task_network> network);

}  // namespace lifehook::handlers
