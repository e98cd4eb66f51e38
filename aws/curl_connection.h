#pragma once

#include "aws/curl_loop.h"
#include "aws/curl_transport.h"
#include "aws/http_route.h"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace lifehook::aws {

// One connection. libcurl makes it (CURLOPT_CONNECT_ONLY: names, addresses tried one after the other, proxies, TLS and
// its verification are its business) and carries its bytes; what they say is not its business. Gone, it is closed. Must
// stay put; curl points into it.
class curl_connection {
 public:
  struct moved {
    std::size_t bytes = 0;    // 0 of a receive: the other side has closed
    CURLcode how = CURLE_OK;  // CURLE_AGAIN: wait first
  };

  curl_connection(std::shared_ptr<curl_loop> loop, const curl_settings& with, CURLSH* shared, http_route to);
  ~curl_connection();
  curl_connection(const curl_connection&) = delete;
  curl_connection& operator=(const curl_connection&) = delete;

  // Once. Not called from inside; internal when curl cannot even begin.
  result<> connect(curl_loop::connected_call done);
  // Of a connected one, and they never wait.
  moved send(std::string_view bytes);
  moved receive(std::span<char> room);
  // Whether it rests as a connection without a request must: neither closed nor sending.
  bool is_quiet();
  // Calls handler(error_code) when there is something to receive, or room to send; also when it is closed meanwhile.
  template <class Handler>
  void wait(loop_descriptor::wait_type what, Handler handler) {
    socket_->async_wait(what, std::move(handler));
  }

  const http_route& route() const { return route_; }
  std::string why(CURLcode how) const;  // as a clause

 private:
  void set_options(const curl_settings& with, CURLSH* shared);
  void set_trust(const curl_settings& with);
  void connected(CURLcode how);

  struct cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };

  std::shared_ptr<curl_loop> loop_;
  http_route route_;
  curl_loop::connected_call done_;
  std::array<char, CURL_ERROR_SIZE> why_{};
  curl_socket_t number_ = CURL_SOCKET_BAD;
  std::shared_ptr<loop_descriptor> socket_;
  std::unique_ptr<CURL, cleanup> handle_;  // last: cleaned up while what it points to is still there
};

}  // namespace lifehook::aws
