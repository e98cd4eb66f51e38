#include "handlers/group_members.h"

#include <algorithm>

namespace lifehook::handlers {

int in_service(const aws::scaling_group& group) {
  return static_cast<int>(std::count_if(group.instances.begin(), group.instances.end(),
                                        [](const auto& each) { return each.lifecycle_state == "InService"; }));
}

bool is_member(const std::optional<aws::scaling_instance>& found, const std::string& group) {
  return found && found->group == group && !found->lifecycle_state.starts_with("Detach") &&
         !found->lifecycle_state.starts_with("Terminat");
}

}  // namespace lifehook::handlers
