#pragma once

#include "base/async.h"
#include "base/interrupt.h"
#include "base/signal.h"

#include <cstddef>
#include <exception>
#include <memory>

namespace lifehook {

// The parent of running tasks: nothing is detached. Tasks settle their own failures; an exception that escapes one is a
// bug and ends the program through io_context::run. Must outlive its tasks: join before destroying.
class task_group {
 public:
  explicit task_group(loop_executor executor) : executor_(executor), changed_(std::move(executor)) {}

  void spawn(task<> work);
  // The same, and `through` guards on this task. `kept`, of which it is a part, is kept until the task has ended.
  void spawn(task<> work, interrupt& through, std::shared_ptr<void> kept);
  task<> join();  // until none runs; more may be spawned meanwhile
  std::size_t running() const { return running_; }
  loop_executor executor() const { return executor_; }

 private:
  void ended(std::exception_ptr bug);

  loop_executor executor_;
  signal changed_;
  std::size_t running_ = 0;
};

}  // namespace lifehook
