#pragma once

#include "aws/autoscaling.h"
#include "handlers/step.h"

#include <memory>
#include <optional>
#include <string>

namespace lifehook::handlers {

// What Auto Scaling says of the instance that is drained. Asked beside the looks at its tasks, so that a slow or
// missing answer delays none of them: one question in flight at most, carried by the service's task group, which
// outlives the drain. Asked every 15 s at most, less often where the budget of Auto Scaling's calls asks it. An outage
// is logged at error and the question put again half a minute later.
class drain_host {
 public:
  struct sight {
    std::string lifecycle_state;  // "unknown": Auto Scaling does not know the instance (any more)
    bool is_over = false;         // it has ended: with a hook open it leaves its group in no other way
    bool is_unhealthy = false;    // or nobody looks after its health any more: it has left its group
  };

  explicit drain_host(step_context& in) : in_(in) {}

  // What the last question was answered, if it was since the last call; puts the next one when it is time.
  std::optional<sight> seen();

 private:
  struct question;

  void ask();
  duration interval() const;
  sight read(const std::optional<aws::scaling_instance>& found);

  step_context& in_;
  std::shared_ptr<question> asked_;
  time_point ask_again_{};
  unsigned unknown_ = 0;  // answers in a row: its list may lose an instance for a moment
};

}  // namespace lifehook::handlers
