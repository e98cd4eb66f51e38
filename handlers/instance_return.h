#pragma once

#include "handlers/open_hook.h"
#include "handlers/plan_runner.h"

#include <optional>
#include <string>
#include <string_view>

namespace lifehook::handlers {

// Where an instance is whose terminating hook has ended, by one look at its lifecycle state.
enum class whereabouts {
  ends,          // it is on its way out, or gone; or in a warm pool, which it leaves by a launch of its own
  away,          // its root volume is being replaced
  back,          // in service again, or never away: there was no such action
  not_told_yet,  // in service, but Auto Scaling's list may lag behind its leaving
};

struct return_facts {
  std::string_view lifecycle_state;  // empty: Auto Scaling knows no such instance
  bool was_away = false;             // at the look before
  bool hook_was_over = false;        // AWS knew no such action: it was not completed here
  duration event_age{};
};

whereabouts whereabouts_of(const return_facts& of);

// What becomes of an instance whose hook has ended, or is left to end by itself. It is waited for in hand as long as
// the queue lets it: a message that went back would have the hook begin anew, or its end be told as another's.
class instance_return {
 public:
  instance_return(open_hook& of, plan_runner& steps) : hook_(of), steps_(steps) {}

  // Until the instance has left the wait that the hook held it in, or the hook's deadline has passed.
  task<> leave_wait() const;
  // Root volume replacement: the instance leaves the wait, reboots, and comes back InService; what was done for its end
  // is then undone. A return to a warm pool comes back by a launch event of its own.
  task<> undo_if_it_returns() const;

 private:
  bool has_left_wait(const std::optional<aws::scaling_instance>& shown) const;
  task<std::string> state() const;
  task<bool> returns() const;
  bool hardly_comes_back(bool was_away) const;
  duration until_told() const;

  open_hook& hook_;
  plan_runner& steps_;
};

}  // namespace lifehook::handlers
