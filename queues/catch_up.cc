#include "queues/catch_up.h"

#include <boost/asio/post.hpp>

namespace lifehook::queues {

using namespace std::chrono_literals;

namespace {

constexpr duration keeping_up = 500us;
constexpr duration longest_wait = 50ms;

}  // namespace

task<> catch_up(clock& time, loop_executor loop) {
  const auto began = time.uptime();
  for (auto asked = began;;) {
    co_await asio::post(loop, use_awaitable);
    const auto now = time.uptime();
    if (now - asked <= keeping_up || now - began >= longest_wait) co_return;
    asked = now;
  }
}

}  // namespace lifehook::queues
