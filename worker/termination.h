#pragma once

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/signal.h"

#include <boost/asio/signal_set.hpp>

#include <functional>
#include <string_view>
#include <utility>

namespace lifehook::worker {

class service;

// SIGTERM, SIGINT and (unless it is ignored already) SIGHUP: the first asks for an orderly stop. One that is repeated,
// as orchestrators and process groups do, is told to whoever wants to hear of it, and changes nothing; only the second
// SIGINT, of a person at a terminal, ends the process at once with exit code 1.
class termination {
 public:
  explicit termination(loop_executor executor);

  task<> asked() { return asked_.wait(); }
  bool is_asked() const { return asked_.is_set(); }
  void ask();  // as if a signal had come
  void when_repeated(std::function<void(std::string_view signal)> tell) { tell_ = std::move(tell); }  // until `done`
  // Runs `work` unless a stop is asked for: then it ends at its current wait with errc::cancelled. One at a time.
  template <class Answer>
  task<or_error<Answer>> unless_asked(task<Answer> work) {
    return stop_.guard(std::move(work));
  }
  void done();  // listens no more, so that the loop can end

 private:
  void listen();
  void came(int signal);

  asio::signal_set signals_;
  latch asked_;
  interrupt stop_;
  bool is_done_ = false;
  bool interrupted_ = false;  // by SIGINT
  std::function<void(std::string_view signal)> tell_;
};

// Stops the worker. What did not end in time cannot be unwound safely: then `flush` is called and the process ends here
// with `exit_code`; SQS brings the messages back.
task<> stop_or_end(service& of, duration limit, int exit_code, std::function<void()> flush);

}  // namespace lifehook::worker
