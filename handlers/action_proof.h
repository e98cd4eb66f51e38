#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/signal.h"
#include "handlers/event.h"
#include "handlers/no_action.h"

#include <memory>

namespace lifehook::handlers {

struct step_services;

// Asks what "No active Lifecycle Action" means for this event now (handlers/no_action.h); a call only when it is
// needed. True: over. Errors are outages of that call: not decided.
task<result<bool>> is_over(step_services& with, const event& about, duration event_age, bool call_accepted);

// The proof that an action is open, which steps wait for before they change something (step_context::proven): a message
// may be of an action long over, or of one that never was, which must not have its instance drained. It is sought for
// as long as somebody keeps it. Must outlive its looks.
class action_proof {
 public:
  // `happened`, by our clock.
  action_proof(step_services& with, const event& about, time_point happened)
      : services_(with), about_(about), happened_(happened) {}

  std::shared_ptr<latch> seek();
  bool is_sought() const { return !sought_.expired(); }
  void give();

  // Whether Auto Scaling shows the instance in the wait already. A look is shared by fifty hooks.
  task<bool> is_shown() const;
  // Whether what Auto Scaling shows will do, where AWS has refused a heartbeat (`rejected`: for good) or did not
  // answer. One look at a time: `not_yet` while another is under way, or nobody seeks it. Lists lag: that an instance
  // is gone takes two looks.
  task<may_begin> look(bool rejected);

 private:
  step_services& services_;
  const event& about_;
  time_point happened_;
  std::weak_ptr<latch> sought_;
  bool looks_ = false;
  bool was_missing_ = false;
};

}  // namespace lifehook::handlers
