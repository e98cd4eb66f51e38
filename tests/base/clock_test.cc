#include "base/clock.h"
#include "base/task_group.h"
#include "base/within.h"

#include <gtest/gtest.h>

namespace lifehook {
namespace {

using namespace std::chrono_literals;

TEST(within, smoke) {
  asio::io_context io(1);
  virtual_clock time{time_point{}};
  task_group group(io.get_executor());
  std::vector<std::string> seen;
  auto op = [](clock& c, duration d) -> task<result<int>> { co_await c.sleep_for(d); co_return 7; };
  auto outer = [](clock& c, auto op, std::vector<std::string>& out) -> task<> {
    auto a = co_await within(c, 5s, op(c, 1s));
    out.push_back(a ? "ok" : "fail");
    auto b = co_await within(c, 5s, op(c, 3600s));
    out.push_back(b ? "ok" : std::string(name(b.error().code)));
  };
  group.spawn(outer(time, op, seen));
  do { io.restart(); while (io.poll() > 0) {} } while (time.jump());
  EXPECT_EQ(seen, (std::vector<std::string>{"ok", "timeout"}));
  EXPECT_EQ(time.now(), time_point{} + 6s);
}

}  // namespace
}  // namespace lifehook
