#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"

#include <curl/curl.h>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace lifehook::aws {

using loop_descriptor = asio::posix::basic_stream_descriptor<loop_executor>;

// libcurl's multi handle driven by one Asio executor: it watches the sockets curl names while they connect, and wakes
// curl when it asks. Keeps the executor busy only meanwhile. Held by a shared_ptr, because waits on the executor may
// outlive it. Handles must be removed before it goes. Single-threaded.
class curl_loop : public std::enable_shared_from_this<curl_loop> {
 public:
  // Never called from inside a callback of curl, nor by `add`. The handle stays until it is removed.
  using connected_call = std::function<void(CURLcode how)>;

  curl_loop(clock& time, loop_executor executor);
  ~curl_loop();

  result<> add(CURL* handle, connected_call done);  // starts it; internal when curl cannot
  void remove(CURL* handle);                        // closes its connection; `done` is not called any more
  void close();                                     // curl is not driven any more: its clock may go
  // Of a socket curl has connected; its waits end when curl closes it. nullptr: the reactor has no room for it.
  std::shared_ptr<loop_descriptor> descriptor(curl_socket_t number);
  const loop_executor& executor() const { return executor_; }

 private:
  struct watched_socket;

  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int on_close(void* self, curl_socket_t number) noexcept;
  static int on_socket(CURL* handle, curl_socket_t number, int wanted, void* self, void* unused) noexcept;
  static int on_timer(CURLM* multi, long wait_ms, void* self) noexcept;

  std::shared_ptr<watched_socket>& place_of(curl_socket_t number);
  int forget(curl_socket_t number);  // what it was watched for
  void watch_for(curl_socket_t number, int wanted);
  void watch(const std::shared_ptr<watched_socket>& which);
  void ready(const std::shared_ptr<watched_socket>& which, boost::system::error_code failed, int direction);
  void kick();
  void wait_at_most(long wait_ms);
  void drive(curl_socket_t number, int events);
  void tell_connected();
  void look_later();

  loop_executor executor_;
  CURLM* multi_;
  alarm wake_;
  alarm slow_;  // set while anything connects
  bool kicked_ = false;
  bool closed_ = false;
  std::unordered_map<CURL*, connected_call> connecting_;
  std::vector<std::shared_ptr<watched_socket>> sockets_;  // by descriptor
};

}  // namespace lifehook::aws
