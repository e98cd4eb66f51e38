#include "aws/call_gate.h"

#include <boost/asio/this_coro.hpp>

namespace lifehook::aws {

std::optional<call_gate::pass> call_gate::enter_now() {
  if (free_ == 0) return std::nullopt;
  --free_;
  return pass(*this);
}

task<call_gate::pass> call_gate::enter(duration by) {
  if (auto room = enter_now()) co_return *std::move(room);
  const auto mine = std::make_shared<latch>(co_await asio::this_coro::executor);
  turns_.emplace(by, mine);
  co_await mine->wait();  // does not throw once it is granted: the room is the caller's
  co_return pass(*this);
}

void call_gate::give_back() {
  while (!turns_.empty()) {
    const auto next = turns_.begin()->second.lock();
    turns_.erase(turns_.begin());
    if (next) return next->set();
  }
  ++free_;
}

}  // namespace lifehook::aws
