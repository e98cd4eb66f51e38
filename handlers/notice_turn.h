#pragma once

#include "base/error.h"
#include "handlers/step.h"

#include <string>
#include <utility>

namespace lifehook::handlers {

// A step's turn to tell of something that is told once among all who share the state: under a short lock, which is
// renewed for as long as the telling takes, and noted as told. It can be done without: where the state does not answer,
// or another worker keeps the lock, it is told all the same, and perhaps more than once. Times are in uptime.
class notice_turn {
 public:
  notice_turn(step_context& in, std::string key) : context_(in), key_(std::move(key)) {}

  // False: it was told before. Another worker that tells of it right now is waited for, as long as half the time up to
  // `until`, and no more than another try needs, is left: it may not have ended well.
  task<bool> take(duration until);
  // `telling` has ended by then, one way or the other. It is told again, by whoever has the next turn, if it failed.
  task<result<std::string>> tell(task<result<std::string>> telling, duration by);

 private:
  enum class whose { ours, anothers, told };

  task<result<whose>> look();
  task<result<std::string>> keep_lock_during(task<result<std::string>> telling);
  task<result<std::string>> keep_lock();
  task<result<>> leave(bool told);
  void say_not_noted(const error& why) const;

  step_context& context_;
  std::string key_;
  bool is_locked_ = false;
};

}  // namespace lifehook::handlers
