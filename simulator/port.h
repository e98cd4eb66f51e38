#pragma once

#include "base/log.h"
#include "simulator/world.h"

#include <memory>

namespace lifehook::simulator {

// The world on a real HTTP/1.1 port with keep-alive, on 127.0.0.1 by default. Runs on the executor's thread until
// destroyed or closed. Throws boost::system::system_error when the port cannot be bound.
class port {
 public:
  port(loop_executor executor, world& behind, std::string address, std::uint16_t number);  // 0: any free one
  ~port();
  std::uint16_t number() const;
  void close();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace lifehook::simulator
