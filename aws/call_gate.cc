#include "aws/call_gate.h"

#include <boost/asio/this_coro.hpp>

namespace lifehook::aws {

task<call_gate::pass> call_gate::enter() {
  if (free_ > 0) {
    --free_;
    co_return pass(*this);
  }
  const auto mine = std::make_shared<turn>(co_await asio::this_coro::executor);
  turns_.push_back(mine);
  struct on_cancel {
    ~on_cancel() {
      if (!waiting) return;
      of.given_up = true;
      if (of.granted.is_set()) gate.give_back();
    }
    call_gate& gate;
    turn& of;
    bool waiting = true;
  } guard{*this, *mine};
  co_await mine->granted.wait();
  guard.waiting = false;
  co_return pass(*this);
}

void call_gate::give_back() {
  while (!turns_.empty()) {
    const auto next = std::move(turns_.front());
    turns_.pop_front();
    if (next->given_up) continue;
    return next->granted.set();
  }
  ++free_;
}

}  // namespace lifehook::aws
