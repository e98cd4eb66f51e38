#include "base/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

namespace lifehook {

void task_group::ended(std::exception_ptr bug) {
  --running_;
  if (running_ == 0) changed_.wake_all();
  if (bug) std::rethrow_exception(bug);
}

void task_group::spawn(task<> work) {
  ++running_;
  asio::co_spawn(executor_, std::move(work), [this](std::exception_ptr bug) { ended(std::move(bug)); });
}

void task_group::spawn(task<> work, interrupt& through, std::shared_ptr<void> kept) {
  ++running_;
  asio::co_spawn(executor_, std::move(work),
                 asio::bind_cancellation_slot(through.make_home(),
                                              [this, &through, kept = std::move(kept)](std::exception_ptr bug) {
                                                through.leave_home();  // before it may be spawned with another task
                                                ended(std::move(bug));
                                              }));
}

task<> task_group::join() {
  while (running_ > 0) co_await changed_.wait();
}

}  // namespace lifehook
