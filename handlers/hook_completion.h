#pragma once

#include "handlers/open_hook.h"

namespace lifehook::handlers {

// Completes a hook, again and again until AWS acknowledges it or says that the action is over. Given up past the hook's
// global timeout, when AWS has ended it by itself. Lives for one completion; an answer that was lost is remembered.
class hook_completion {
 public:
  explicit hook_completion(open_hook& of) : hook_(of) {}

  // Errors but cancelled: given up, and said so.
  task<result<>> run(aws::hook_result with);
  // Whether the hook ended by this completion, as far as can be known. Of one that was never shown to be open a
  // heartbeat sent before has asked first: its answer is not of the completion under way.
  bool took_effect() const;

 private:
  task<result<bool>> is_over() const;
  bool is_too_late(errc why) const;
  void give_up(const error& why) const;

  open_hook& hook_;
  aws::call_stage under_way_;      // of the last one, until it is answered
  bool may_have_arrived_ = false;  // one was sent, and not answered, in time
};

}  // namespace lifehook::handlers
