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

std::string_view name(int signal) {
  if (signal == SIGTERM) return "SIGTERM";
  return signal == SIGINT ? "SIGINT" : "SIGHUP";
}

}  // namespace

termination::termination(loop_executor executor) : signals_(executor, SIGTERM, SIGINT), asked_(executor) {
  if (!is_ignored(SIGHUP)) signals_.add(SIGHUP);  // under nohup it is
  listen();
}

void termination::listen() {
  signals_.async_wait([this](boost::system::error_code failed, int signal) {
    if (failed || is_done_) return;  // one that had come before the end is no reason to listen on
    came(signal);
    listen();
  });
}

void termination::came(int signal) {
  if (signal == SIGINT && std::exchange(interrupted_, true)) std::_Exit(1);
  if (asked_.is_set() && tell_) tell_(name(signal));
  ask();
}

void termination::ask() {
  asked_.set();
  stop_.raise();
}

void termination::done() {
  is_done_ = true;
  tell_ = nullptr;
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
