#pragma once

#include "base/async.h"
#include "base/signal.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace lifehook::aws {

// Lets a bounded number of calls be in flight, the rest wait their turn in order: it protects file descriptors and
// memory when thousands of hooks want a heartbeat at the same moment. Must outlive its passes.
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

  task<pass> enter();  // a cancelled wait gives up its turn
  std::size_t waiting() const { return turns_.size(); }

 private:
  void give_back();

  std::size_t free_;
  std::deque<std::weak_ptr<latch>> turns_;  // each lives as long as its wait: one that has ended was given up
};

}  // namespace lifehook::aws
