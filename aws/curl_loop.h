#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"

#include <curl/curl.h>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace lifehook::aws {

// libcurl's multi handle driven by one Asio executor: it watches the sockets curl names, wakes curl when it asks, and
// ends what is late. curl's own limit on a transfer is not used: when its timer fires a moment early, it may be lost.
// Held by a shared_ptr, because waits on the executor may outlive it. Keeps the executor busy only while transfers run.
// Transfers must be gone before it is. Single-threaded.
class curl_loop : public std::enable_shared_from_this<curl_loop> {
 public:
  using steady = std::chrono::steady_clock;
  using deadlines = std::multimap<steady::time_point, CURL*>;
  // Called when a transfer has ended, or is late (CURLE_OPERATION_TIMEDOUT); never from inside a callback of curl.
  // Removes it.
  using ended_call = std::function<void(CURL* transfer, CURLcode how)>;

  curl_loop(asio::any_io_executor executor, std::size_t cached_connections, std::size_t connections_per_host,
            ended_call ended);
  ~curl_loop();

  void adopt(CURL* transfer);  // once for each handle: lets the loop open and close its sockets
  result<deadlines::iterator> add(CURL* transfer, duration limit);  // starts it; internal when curl cannot
  void remove(CURL* transfer, deadlines::iterator deadline);
  const asio::any_io_executor& executor() const { return executor_; }

 private:
  struct watched_socket;

  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int on_close(void* self, curl_socket_t number) noexcept;
  static int on_socket(CURL* transfer, curl_socket_t number, int wanted, void* self, void* unused) noexcept;
  static int on_timer(CURLM* multi, long wait_ms, void* self) noexcept;

  std::shared_ptr<watched_socket>& place_of(curl_socket_t number);
  void watch(const std::shared_ptr<watched_socket>& which);
  void ready(const std::shared_ptr<watched_socket>& which, boost::system::error_code failed, int direction);
  void kick();
  void wait_at_most(long wait_ms);
  steady::time_point earliest() const;
  void arm_timer();
  void timer_fired();
  void end_late();
  void wake_curl();
  void look_idle();
  void drive(curl_socket_t number, int events);

  asio::any_io_executor executor_;
  ended_call ended_;
  CURLM* multi_;
  asio::steady_timer timer_;
  steady::time_point due_ = steady::time_point::max();    // when curl wants to be woken
  steady::time_point armed_ = steady::time_point::max();  // when the timer fires: never later
  bool kicked_ = false;
  bool looking_ = false;
  deadlines deadlines_;                                   // of all that run
  std::vector<std::shared_ptr<watched_socket>> sockets_;  // by descriptor
};

}  // namespace lifehook::aws
