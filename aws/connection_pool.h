#pragma once

#include "aws/curl_connection.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace lifehook::aws {

// Connections at rest, for the next request that goes the same way. The one used last goes first, so that what a peak
// has opened grows old and is closed: after 50 s, below the minute after which AWS's load balancers hang up, or sooner
// when there are more than `most`; seen to at every take and put.
class connection_pool {
 public:
  using steady = std::chrono::steady_clock;

  explicit connection_pool(std::size_t most) : most_(most) {}

  std::unique_ptr<curl_connection> take(const http_route& route);  // nullptr: there is none
  void put(std::unique_ptr<curl_connection> one);
  // Closes those that go that way and have rested since before `when`.
  void drop(const http_route& route, steady::time_point when);
  void clear() { resting_.clear(); }

 private:
  struct resting {
    std::unique_ptr<curl_connection> connection;
    steady::time_point since;
  };

  void close_old(steady::time_point now);

  std::size_t most_;
  std::vector<resting> resting_;  // the oldest first
};

}  // namespace lifehook::aws
