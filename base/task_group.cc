#include "base/task_group.h"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace lifehook {

void task_group::spawn(task<> work) {
  ++running_;
  asio::co_spawn(executor_, std::move(work), [this](std::exception_ptr bug) {
    --running_;
    if (running_ == 0) changed_.wake_all();
    if (bug) std::rethrow_exception(bug);
  });
}

task<> task_group::join() {
  while (running_ > 0) co_await changed_.wait();
}

}  // namespace lifehook
