#pragma once

#include "base/clock.h"

namespace lifehook::test {

// The clock of a machine whose wall time is off by so much. Must not outlive the one it goes by.
class shifted_clock final : public clock {
 public:
  shifted_clock(clock& of, duration by) : of_(of), by_(by), wakes_(of) {}
  ~shifted_clock() override { drop_all(); }

  time_point now() const override { return of_.now() + by_; }
  time_point wall_now() const override { return of_.wall_now() + by_; }

 private:
  duration monotonic() const override { return of_.uptime(); }
  void earliest_changed() override {
    const auto next = earliest();
    if (!next) return;
    wakes_.set(*next - monotonic(), [this] {
      fire_due();
      earliest_changed();
    });
  }

  clock& of_;
  duration by_;
  alarm wakes_;
};

}  // namespace lifehook::test
