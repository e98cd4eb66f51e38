#include "handlers/step_table.h"

#include "handlers/create_image.h"
#include "handlers/deregister_targets.h"
#include "handlers/detach_instance.h"
#include "handlers/drain_ecs.h"
#include "handlers/notify.h"
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
  static const std::array rows{
      track_current_group_kind(), drain_ecs_kind(),       create_image_kind(),     deregister_targets_kind(),
      raise_capacity_kind(),      detach_instance_kind(), wait_until_ready_kind(), wait_kind(),
      run_command_kind(),         rerun_task_kind(),      notify_kind(),
  };
  return rows;
}

const step_kind* find_step(std::string_view name) {
  for (const auto& row : step_table())
    if (row.name == name) return &row;
  return nullptr;
}

namespace {

bool any_of_list(const plan& list, bool (*is)(const step_plan& one)) {
  return std::any_of(list.begin(), list.end(),
                     [is](const stage& each) { return std::any_of(each.together.begin(), each.together.end(), is); });
}

}  // namespace

bool gives_back(const step_plan& one) {
  const auto* const kind = find_step(one.step);
  return kind->gives_back && kind->gives_back(one.with);
}
bool gives_back(const plan& list) { return any_of_list(list, gives_back); }

bool undoes(const step_plan& one) {
  const auto* const kind = find_step(one.step);
  return kind->undoes && kind->undoes(one.with);
}
bool undoes(const plan& list) { return any_of_list(list, undoes); }

std::vector<std::string> clusters_in(const step_plan& step) {
  std::vector<std::string> names;
  for (const auto& spec : find_step(step.step)->schema)
    if (spec.kind == setting_kind::cluster || spec.kind == setting_kind::cluster_list)
      for (auto& each : step.with.texts(spec.key)) names.push_back(std::move(each));
  return names;
}

std::vector<std::string> written_as(std::string_view word, const step_plan& step) {
  std::vector<std::string> texts;
  for (const auto& spec : find_step(step.step)->schema)
    if (spec.word == word && step.with.has(spec.key)) texts.push_back(step.with.get_or<std::string>(spec.key, {}));
  return texts;
}

}  // namespace lifehook::handlers
