#pragma once

#include "base/async.h"
#include "base/clock.h"

#include <chrono>
#include <map>
#include <memory>

namespace lifehook::aws {

// Time limits of many, on one timer of one executor, which it keeps busy only while there is a limit. What it tells
// must live until it is told, or dropped. Held by a shared_ptr: its timer may outlive it. Single-threaded.
class time_limits : public std::enable_shared_from_this<time_limits> {
 public:
  class limited {
   public:
    virtual ~limited() = default;
    virtual void late() = 0;  // its time is over, and it is dropped
  };
  using order = std::multimap<std::chrono::steady_clock::time_point, limited*>;
  using place = order::iterator;

  explicit time_limits(const loop_executor& executor) : timer_(executor) {}

  place set(duration limit, limited& who);
  void drop(place where);

 private:
  void arm();
  void fired();
  void look_idle();

  loop_timer timer_;
  order order_;
  std::chrono::steady_clock::time_point armed_ = std::chrono::steady_clock::time_point::max();  // never too late
  bool looking_ = false;
};

}  // namespace lifehook::aws
