#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/signal.h"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace lifehook::aws {

// Lets a bounded number of calls be in flight; of the rest the one that is to leave by the earliest time is next, so
// that a heartbeat goes before a thousand completions with more time. It protects file descriptors and memory when
// thousands of hooks want one at the same moment. Must outlive its passes.
class call_gate {
 public:
  // Room for one call, given back when it is destroyed.
  class pass {
   public:
    pass() = default;
    explicit pass(call_gate& of) : gate_(&of) {}
    pass(pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    pass& operator=(pass&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~pass() {
      if (gate_) gate_->give_back();
    }

   private:
    call_gate* gate_ = nullptr;
  };

  explicit call_gate(std::size_t most) : free_(most) {}

  std::optional<pass> enter_now();  // where there is room
  task<pass> enter(duration by);    // an uptime: its place. A cancelled wait gives up its turn
  std::size_t waiting() const { return turns_.size(); }

 private:
  void give_back();

  std::size_t free_;
  // Each lives as long as its wait: one that has ended was given up.
  std::multimap<duration, std::weak_ptr<latch>> turns_;
};

}  // namespace lifehook::aws
