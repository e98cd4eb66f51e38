#include "handlers/group_members.h"

#include "handlers/lifecycle_state.h"
#include "handlers/services.h"
#include "handlers/step.h"

#include <algorithm>
#include <string_view>

namespace lifehook::handlers {

int in_service(const aws::scaling_group& group) {
  return static_cast<int>(std::count_if(group.instances.begin(), group.instances.end(),
                                        [](const auto& each) { return each.lifecycle_state == "InService"; }));
}

int staying(const aws::scaling_group& group) {
  return static_cast<int>(std::count_if(group.instances.begin(), group.instances.end(), [](const auto& each) {
    return !is_leaving(each.lifecycle_state) && !is_spare(each.lifecycle_state);
  }));
}

task<result<bool>> ask_for_member(step_context& in) {
  const auto& about = in.about();
  if (about.group.empty()) co_return false;
  const auto found = co_await in.ask("asking Auto Scaling for the instance",
                                     [&] { return in.services().instances.instance(about.instance, in.haste()); });
  if (found.has_error()) co_return found.error();
  co_return *found && (*found)->group == about.group && !is_leaving((*found)->lifecycle_state);
}

}  // namespace lifehook::handlers
