#include "worker/termination.h"

#include "worker/service.h"

#include <csignal>
#include <cstdlib>

namespace lifehook::worker {

namespace {

bool is_ignored(int signal) {
  struct sigaction now{};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

termination::termination(loop_executor executor) : signals_(executor, SIGTERM, SIGINT), asked_(executor) {
  if (!is_ignored(SIGHUP)) signals_.add(SIGHUP);  // under nohup it is
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

task<> stop_or_end(service& of, duration limit, int exit_code, std::function<void()> flush) {
  const bool all_ended = co_await of.stop(limit);
  if (all_ended) co_return;
  flush();
  std::_Exit(exit_code);
}

}  // namespace lifehook::worker
