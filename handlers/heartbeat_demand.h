#pragma once

#include "base/clock.h"

#include <algorithm>
#include <utility>

namespace lifehook::handlers {

// The heartbeats a second that the hooks in hand ask for, two in each timeout: known ahead of the calls.
class heartbeat_demand {
 public:
  double a_second() const { return a_second_; }

  // One hook's part, while it lives.
  class part {
   public:
    explicit part(heartbeat_demand& of) : of_(of) {}
    ~part() { set(0); }
    part(const part&) = delete;
    part& operator=(const part&) = delete;

    void every(duration pause) { set(1 / std::max(1.0, std::chrono::duration<double>(pause).count())); }

   private:
    void set(double a_second) { of_.a_second_ += a_second - std::exchange(mine_, a_second); }

    heartbeat_demand& of_;
    double mine_ = 0;
  };

 private:
  double a_second_ = 0;
};

}  // namespace lifehook::handlers
