#pragma once

#include "aws/ecs_run.h"

#include <string>
#include <string_view>

namespace lifehook::handlers {

// A task's tags as they are noted in the state before a drain stops it, with which AWS deletes them: what runs it again
// needs them.
std::string tags_text(const aws::whole_task& of);
void add_tags(aws::whole_task& to, std::string_view text);  // those it has not; none of what is not ours
std::string tags_key(std::string_view task_arn);

// How the reason begins for which a drain stops a task.
constexpr std::string_view stopped_by_drain = "lifehook: its instance ";

inline bool is_stopped_by_drain(const aws::whole_task& task) {
  return task.stopped_reason.starts_with(stopped_by_drain);
}

}  // namespace lifehook::handlers
