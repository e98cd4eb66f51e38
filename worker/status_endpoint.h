#pragma once

#include "base/async.h"
#include "base/task_group.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lifehook::worker {

// What the endpoint asks when it is asked.
struct status_sources {
  std::function<std::string()> metrics;  // Prometheus text
  std::function<bool()> healthy;
  std::function<std::vector<std::string>()> not_ready;  // empty: ready
  std::function<std::string()> hooks;                   // JSON
};

// /metrics, /healthz, /readyz, /hooks over HTTP/1.1 on one address. Its tasks run in the group it is given and
// end soon after `close` (or destruction). At most 32 connections, 5 s each for a request and the way out, 8 KiB of
// header; bodies are not read. Throws boost::system::system_error when the address cannot be bound.
class status_endpoint {
 public:
  status_endpoint(task_group& tasks, const std::string& address, std::uint16_t port, status_sources from);
  ~status_endpoint();
  void close();
  std::uint16_t port() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace lifehook::worker
