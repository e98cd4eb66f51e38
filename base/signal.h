#pragma once

#include "base/async.h"

namespace lifehook {

// Wakes everyone who waits for something to change. Waiters look again at what they wait for: a wake carries no
// meaning. A cancelled wait throws operation_aborted. Must outlive its waiters.
class signal {
 public:
  explicit signal(loop_executor executor) : timer_(std::move(executor), forever()) {}

  void wake_all() {
    ++wakes_;
    timer_.cancel();
  }
  task<> wait();

 private:
  static loop_timer::time_point forever() { return loop_timer::time_point::max(); }

  loop_timer timer_;
  unsigned wakes_ = 0;
};

// Set once; waited on by many.
class latch {
 public:
  explicit latch(loop_executor executor) : changed_(std::move(executor)) {}

  void set() {
    set_ = true;
    changed_.wake_all();
  }
  bool is_set() const { return set_; }
  task<> wait();

 private:
  signal changed_;
  bool set_ = false;
};

}  // namespace lifehook
