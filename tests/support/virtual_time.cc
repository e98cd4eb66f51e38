#include "tests/support/virtual_time.h"

#include <boost/asio/post.hpp>

namespace lifehook::test {

using namespace std::chrono_literals;

virtual_time::virtual_time()
    : clock(time_point(std::chrono::sys_days(std::chrono::year(2026) / 3 / 2) + 10h + 15min + 30s)) {}

void virtual_time::run_ready() {
  io.restart();
  while (io.poll() > 0) {
  }
}

// From within the loop, as a real clock's timer does: a cancellation from elsewhere is posted, and may come too late
// for what it is to cancel.
bool virtual_time::jump() {
  bool moved = false;
  asio::post(io, [this, &moved] { moved = clock.jump(); });
  run_ready();
  return moved;
}

bool virtual_time::run_until(const std::function<bool()>& done, duration limit) {
  const auto end = clock.now() + limit;
  for (;;) {
    run_ready();
    if (done()) return true;
    if (clock.now() >= end || !jump()) return false;
  }
}

void virtual_time::run_for(duration span) {
  bool over = false;
  alarm at_end(clock);
  at_end.set(span, [&over] { over = true; });
  run_until([&over] { return over; }, span + 1s);
  run_ready();
}

}  // namespace lifehook::test
