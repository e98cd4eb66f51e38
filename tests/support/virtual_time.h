#pragma once

#include "base/clock.h"
#include "base/task_group.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>

namespace lifehook::test {

// A loop on a clock that jumps: hours pass in milliseconds, and a hang is a failed assertion, not a hung test.
class virtual_time {
 public:
  virtual_time();

  asio::io_context io{1};
  virtual_clock clock;
  task_group tasks{io.get_executor()};

  // Runs what is ready and jumps on until `done`; false when the limit of virtual time passed first or nothing was left
  // to do.
  bool run_until(const std::function<bool()>& done, duration limit = std::chrono::hours(3));
  void run_for(duration span);
  // Runs a task to its end; throws std::runtime_error when it hangs.
  template <class T>
  T wait_for(task<T> work, duration limit = std::chrono::hours(3)) {
    std::optional<T> answer;
    tasks.spawn(keep(std::move(work), answer));
    if (!run_until([&answer] { return answer.has_value(); }, limit)) throw std::runtime_error("the task hangs");
    return std::move(*answer);
  }

 private:
  template <class T>
  static task<> keep(task<T> work, std::optional<T>& answer) {
    answer.emplace(co_await std::move(work));
  }
  void run_ready();
  bool jump();
};

}  // namespace lifehook::test
