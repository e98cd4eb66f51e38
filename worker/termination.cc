#include "worker/termination.h"

#include "worker/service.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace lifehook::worker {

termination::termination(asio::any_io_executor executor) : signals_(executor, SIGTERM, SIGINT), asked_(executor) {
  listen();
}

void termination::listen() {
  signals_.async_wait([this](boost::system::error_code failed, int) {
    if (failed) return;
    if (asked_.is_set()) std::_Exit(1);
    ask();
    listen();
  });
}

void termination::ask() {
  asked_.set();
  stop_.raise();
}

void termination::done() {
  boost::system::error_code ignored;
  signals_.cancel(ignored);
}

task<> stop_or_end(service& of, duration limit, int exit_code) {
  auto stopping = of.stop(limit);
  const bool all_ended = co_await std::move(stopping);
  if (all_ended) co_return;
  std::fflush(stdout);
  std::_Exit(exit_code);
}

}  // namespace lifehook::worker
