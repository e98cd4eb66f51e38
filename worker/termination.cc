#include "worker/termination.h"

#include <csignal>
#include <cstdlib>

namespace lifehook::worker {

termination::termination(asio::any_io_executor executor) : signals_(executor, SIGTERM, SIGINT), asked_(executor) {
  listen();
}

void termination::listen() {
  signals_.async_wait([this](boost::system::error_code failed, int) {
    if (failed) return;
    if (asked_.is_set()) std::_Exit(1);
    asked_.set();
    listen();
  });
}

void termination::done() {
  boost::system::error_code ignored;
  signals_.cancel(ignored);
}

}  // namespace lifehook::worker
