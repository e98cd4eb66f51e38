#include "handlers/step_table.h"

#include "handlers/create_image.h"
#include "handlers/deregister_targets.h"
#include "handlers/detach_instance.h"
#include "handlers/drain_ecs.h"
#include "handlers/raise_capacity.h"
#include "handlers/rerun_task.h"
#include "handlers/run_command.h"
#include "handlers/track_current_group.h"
#include "handlers/wait.h"
#include "handlers/wait_until_ready.h"

#include <algorithm>
#include <array>

namespace lifehook::handlers {

std::span<const step_kind> step_table() {
  static const std::array<step_kind, 10> rows{track_current_group_kind(), drain_ecs_kind(),      create_image_kind(),
                                              deregister_targets_kind(),  raise_capacity_kind(), detach_instance_kind(),
                                              wait_until_ready_kind(),    wait_kind(),           run_command_kind(),
                                              rerun_task_kind()};
  return rows;
}

const step_kind* find_step(std::string_view name) {
  for (const auto& row : step_table())
    if (row.name == name) return &row;
  return nullptr;
}

bool gives_back(const plan& list) {
  const auto does = [](const step_plan& each) {
    const auto* kind = find_step(each.step);
    return kind->gives_back && kind->gives_back(each.with);
  };
  return std::any_of(list.begin(), list.end(), [&does](const stage& each) {
    return std::any_of(each.together.begin(), each.together.end(), does);
  });
}

}  // namespace lifehook::handlers
