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

// What was changed stays so: what cannot be seen now is no failure.
task<> until_shown(step_context& in, std::function<bool(const aws::scaling_group&)> is_shown) {
  constexpr auto between_looks = std::chrono::milliseconds(500);
  constexpr int most_looks = 8;
  for (int look = 0; look < most_looks; ++look) {
    const auto found = co_await in.services().instances.group(in.about().group, in.haste());
    if (found.has_error() || !*found || is_shown(**found)) co_return;
    co_await in.services().time.sleep_for(between_looks);
  }
}

}  // namespace lifehook::handlers
