#pragma once

#include "handlers/services.h"

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace lifehook::handlers {

// A lifecycle action that may be open, and that the configuration answers: its instance is in a wait that this hook can
// hold. Another hook may be the one that does: only AWS's answer to a heartbeat tells.
struct open_wait {
  event about;  // without a token, for AWS lists none; its time is not known
  const group* to = nullptr;
  std::chrono::seconds heartbeat_timeout{};
  std::string notifies{};  // ARN of what its hook tells; empty: EventBridge only
};

// The waits of one Auto Scaling group: an instance with each hook of the transition its state is of. Pure; `to` is
// empty.
std::vector<open_wait> waits_of(const aws::scaling_group& of, std::span<const aws::lifecycle_hook> hooks);

// Lists the open waits of the region. A page of groups at a time: what is not in a wait is not kept.
class open_waits_list {
 public:
  explicit open_waits_list(step_services& with) : services_(with) {}

  // Tells of every one, as Auto Scaling lists its groups and their warm pools now, whoever has their messages: page by
  // page, as there may be a hundred thousand. Errors are the calls', and what was told before is not all.
  task<result<>> read(std::function<void(open_wait)> tell);

 private:
  task<result<std::vector<open_wait>>> waits_in(aws::scaling_group of);

  step_services& services_;
};

// When a group began to launch or end these instances of it, as its activities tell, by instance; back to `since`.
// Those that are not told of are left out.
task<result<std::map<std::string, time_point>>> beginnings(aws::autoscaling& with, std::vector<event> of_group,
                                                           time_point since);

}  // namespace lifehook::handlers
