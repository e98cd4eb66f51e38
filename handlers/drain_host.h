#pragma once

#include "aws/autoscaling.h"
#include "handlers/step.h"

#include <memory>
#include <optional>
#include <string>

namespace lifehook::handlers {

// Whether the instance that is drained still lives, as far as Auto Scaling and its ECS agent tell: a drain whose host
// is dead never ends by itself. Auto Scaling is asked beside the looks at its tasks, so that a slow or missing answer
// delays none of them, and in no haste: one question in flight at most, carried by the service's task group, which
// outlives the drain. Asked every 15 s at most, less often where the budget of Auto Scaling's calls asks it. An outage
// is logged at error and the question put again half a minute later.
class drain_host {
 public:
  explicit drain_host(step_context& in) : in_(in) {}

  // What every look has seen of its agents.
  void note_agent(bool connected);
  // The lifecycle state Auto Scaling gave it: it has ended, or is unhealthy with its agent away for five minutes.
  // nullopt: it lives, or the question is not answered yet. Puts the next one when it is time.
  std::optional<std::string> found_dead();

 private:
  struct question;
  struct sight {
    std::string lifecycle_state;  // "unknown": Auto Scaling does not know the instance (any more)
    bool is_over = false;         // it has ended: with a hook open it leaves its group in no other way
    bool is_unhealthy = false;    // or nobody looks after its health any more: it has left its group
  };

  // What the last question was answered, if it was since the last call.
  std::optional<sight> seen();
  void ask();
  duration interval() const;
  sight read(const std::optional<aws::scaling_instance>& found);

  step_context& in_;
  std::optional<time_point> disconnected_since_;
  std::shared_ptr<question> asked_;
  time_point ask_again_{};
  unsigned unknown_ = 0;  // answers in a row: its list may lose an instance for a moment
};

}  // namespace lifehook::handlers
