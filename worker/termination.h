#pragma once

#include "base/signal.h"

#include <boost/asio/signal_set.hpp>

namespace lifehook::worker {

// SIGTERM and SIGINT: the first asks for an orderly stop, the second ends the process at once with exit code 1.
class termination {
 public:
  explicit termination(asio::any_io_executor executor);

  task<> asked() { return asked_.wait(); }
  bool is_asked() const { return asked_.is_set(); }
  void ask() { asked_.set(); }  // as if a signal had come
  void done();                  // listens no more, so that the loop can end

 private:
  void listen();

  asio::signal_set signals_;
  latch asked_;
};

}  // namespace lifehook::worker
