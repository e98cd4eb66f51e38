#include "queues/catch_up.h"

#include <boost/asio/post.hpp>

namespace lifehook::queues {

using namespace std::chrono_literals;

namespace {

constexpr duration keeping_up = 500us;
constexpr duration longest_wait = 50ms;

}  // namespace

task<> catch_up::wait() {
  const auto began = clock_.uptime();
  if (is_looking_) {
    latch mine(loop_);
    line_.push_back(&mine);
    co_await mine.wait();
  }
  is_looking_ = true;
  co_await turns(began);
  is_looking_ = !line_.empty();
  if (line_.empty()) co_return;
  line_.front()->set();
  line_.pop_front();
}

task<> catch_up::turns(duration began) {
  for (auto asked = clock_.uptime();;) {
    co_await asio::post(loop_, use_awaitable);
    const auto now = clock_.uptime();
    if (now - asked <= keeping_up || now - began >= longest_wait) co_return;
    asked = now;
  }
}

}  // namespace lifehook::queues
