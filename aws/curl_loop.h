#pragma once

#include "base/async.h"

#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace lifehook::aws {

// libcurl's multi handle driven by one Asio executor: it watches the sockets curl names and wakes curl when it asks. Held
// by a shared_ptr, because waits on the executor may outlive it. Keeps the executor busy only while transfers run.
// Transfers must be gone before it is. Single-threaded.
class curl_loop : public std::enable_shared_from_this<curl_loop> {
 public:
  // Called when a transfer ended by itself, never from inside a callback of curl.
  using ended_call = std::function<void(CURL* transfer, CURLcode how)>;

  curl_loop(asio::any_io_executor executor, std::size_t cached_connections, std::size_t connections_per_host,
            ended_call ended);
  ~curl_loop();

  void adopt(CURL* transfer);  // once for each handle: lets the loop open and close its sockets
  bool add(CURL* transfer);    // starts it; false when curl cannot
  void remove(CURL* transfer);
  const asio::any_io_executor& executor() const { return executor_; }

 private:
  using steady = std::chrono::steady_clock;
  struct watched_socket;

  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int on_close(void* self, curl_socket_t number) noexcept;
  static int on_socket(CURL* transfer, curl_socket_t number, int wanted, void* self, void* unused) noexcept;
  static int on_timer(CURLM* multi, long wait_ms, void* self) noexcept;

  std::shared_ptr<watched_socket>& place_of(curl_socket_t number);
  void watch(const std::shared_ptr<watched_socket>& which);
  void ready(const std::shared_ptr<watched_socket>& which, boost::system::error_code failed, int direction);
  void kick();
  void arm_timer();
  void timer_fired();
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
  std::size_t running_ = 0;
  std::vector<std::shared_ptr<watched_socket>> sockets_;  // by descriptor
};

}  // namespace lifehook::aws
