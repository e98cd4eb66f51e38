#include "simulator/poll_line.h"

namespace lifehook::simulator {

struct poll_line::place {
  explicit place(poll_line& of) : line(of), turn(of.executor_) { at = line.waiting_.insert(line.waiting_.end(), this); }
  ~place() { leave(); }
  place(const place&) = delete;
  place& operator=(const place&) = delete;

  void leave() {
    if (std::exchange(in_line, false)) line.waiting_.erase(at);
  }

  poll_line& line;
  signal turn;
  std::list<place*>::iterator at;
  bool in_line = true;
};

task<poll_line::woken> poll_line::wait(duration limit) {
  place mine(*this);
  bool late = false;
  alarm end(clock_);
  end.set(limit, [&mine, &late] {
    late = true;
    mine.turn.wake_all();
  });
  co_await mine.turn.wait();
  co_return late ? woken::by_time : woken::by_call;
}

void poll_line::wake_first() {
  if (waiting_.empty()) return;
  auto* first = waiting_.front();
  first->leave();
  first->turn.wake_all();
}

void poll_line::wake_all() {
  while (!waiting_.empty()) wake_first();
}

}  // namespace lifehook::simulator
