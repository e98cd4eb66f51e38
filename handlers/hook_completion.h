#pragma once

#include "handlers/open_hook.h"

namespace lifehook::handlers {

// Completes a hook, again and again until AWS acknowledges it or says that the action is over. Given up past the hook's
// global timeout, when AWS has ended it by itself. Lives for one completion, and remembers that a call of it may have
// reached AWS although its answer was lost.
class hook_completion {
 public:
  explicit hook_completion(open_hook& of) : hook_(of) {}

  // An error other than cancelled: it was given up, and that was logged.
  task<result<>> run(aws::hook_result with);
  // Whether it was this completion that ended the hook, as far as can be known. A call that was cut off on its way may
  // have, unless the hook was never shown to be open: what says that it is over then answers an earlier heartbeat.
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
