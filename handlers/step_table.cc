#include "handlers/step_table.h"

#include "handlers/drain_ecs.h"
#include "handlers/wait.h"

#include <array>

namespace lifehook::handlers {

std::span<const step_kind> step_table() {
  static const std::array<step_kind, 2> rows{drain_ecs_kind(), wait_kind()};
  return rows;
}

const step_kind* find_step(std::string_view name) {
  for (const auto& row : step_table())
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace lifehook::handlers
