#pragma once

#include "aws/connection_pool.h"
#include "aws/curl_connection.h"
#include "aws/http_answer.h"
#include "aws/http_transport.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace lifehook::aws {

// What the exchanges of one transport share. Must outlive them.
struct exchange_means {
  connection_pool pool;
  curl_settings settings;
  CURLSH* shared;
  std::shared_ptr<curl_loop> loop;
  std::vector<char> room;  // for what is just received
};

// One request and its answer, over a connection at rest or a new one. A connection at rest that turns out to be dead
// before a byte of an answer has come is replaced once by a new one: the request may then have been sent twice, unless
// it forbids that. When one stays silent those that rested beside it are not waited for: what has lost one, as a NAT
// gateway that was replaced, has lost all. Meant to be used again and again; held by a shared_ptr, because waits may
// outlive it.
class http_exchange : public std::enable_shared_from_this<http_exchange> {
 public:
  // `outcome` in the transport's terms. May be called by `start`.
  using ended_call = std::function<void(result<http_response> outcome)>;

  http_exchange(exchange_means& with, ended_call ended) : with_(with), ended_(std::move(ended)) {}

  // internal when the request cannot be written.
  result<> prepare(http_request request);
  void start();
  void give_up();    // closes its connection; `ended` is not called
  error too_late();  // the same, of one that took too long: says so of the request

  duration limit() const { return request_.timeout; }

 private:
  void begin_over(std::unique_ptr<curl_connection> connection);
  void open();
  void connected(CURLcode how);
  void go_on();
  void send();
  void receive();
  void wait(loop_descriptor::wait_type what);
  void let_others();
  void broken_off(CURLcode how);
  void complete();
  void fail(errc code, std::string_view why);
  void end(result<http_response> outcome);
  std::string shown() const;

  exchange_means& with_;
  ended_call ended_;
  http_request request_;
  std::string routed_;  // the url of which `route_` is: a flight often goes the same way again
  http_route route_;
  std::string text_;
  std::size_t sent_ = 0;
  http_answer answer_;
  std::unique_ptr<curl_connection> connection_;
  bool rested_ = false;  // the connection, before
  connection_pool::steady::time_point began_{};
  std::uint64_t turn_ = 0;  // of a connection: what waits for an earlier one is void
};

}  // namespace lifehook::aws
