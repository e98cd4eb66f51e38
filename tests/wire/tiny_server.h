#pragma once

#include "base/async.h"
#include "base/task_group.h"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::aws {

enum class afterwards { keep_open, close, reset };

// What the server says to one request. Without bytes it stays silent.
struct reply {
  std::string bytes;
  afterwards then = afterwards::keep_open;
};

inline reply ok(std::string body, std::string headers = {}) {
  return {fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), headers, body)};
}

inline const auto as_result = asio::as_tuple(use_awaitable);

// An HTTP server of a few lines on a free port of 127.0.0.1: what it answers is one function, what it saw is recorded.
class tiny_server {
 public:
  using answer_call = std::function<reply(std::string_view head)>;

  tiny_server(task_group& group, answer_call answer,
              const asio::ip::tcp::endpoint& at = {asio::ip::address_v4::loopback(), 0})
      : group_(group), answer_(std::move(answer)), acceptor_(group.executor(), at) {
    group_.spawn(accept());
  }
  virtual ~tiny_server() = default;
  tiny_server(const tiny_server&) = delete;
  tiny_server& operator=(const tiny_server&) = delete;

  void close() { acceptor_.close(); }

  std::string url(std::string_view host = "127.0.0.1", std::string_view scheme = "http") const {
    return fmt::format("{}://{}:{}/", scheme, host, port());
  }
  unsigned port() const { return acceptor_.local_endpoint().port(); }

  std::size_t connections = 0;
  std::vector<std::string> heads;  // each request up to its empty line
  std::vector<std::string> bodies;

 protected:
  task_group& group_;

  virtual task<> serve(asio::ip::tcp::socket socket) { co_await converse(socket); }

  template <class Stream>
  task<> converse(Stream& stream) {
    asio::streambuf bytes;
    auto going_on = true;
    while (going_on) {
      going_on = co_await read_request(stream, bytes);
      if (!going_on) co_return;
      const auto said = answer_(heads.back());
      co_await asio::async_write(stream, asio::buffer(said.bytes), as_result);
      going_on = said.then == afterwards::keep_open;
      if (said.then == afterwards::reset) reset(stream.lowest_layer());
    }
  }

 private:
  task<> accept() {
    while (acceptor_.is_open()) {
      auto [failed, socket] = co_await acceptor_.async_accept(as_result);
      if (failed) co_return;
      ++connections;
      group_.spawn(serve(std::move(socket)));
    }
  }
  template <class Stream>
  task<bool> read_request(Stream& stream, asio::streambuf& bytes) {
    const auto [failed, size] = co_await asio::async_read_until(stream, bytes, "\r\n\r\n", as_result);
    if (failed) co_return false;
    heads.push_back(taken(bytes, size));
    const auto length = body_size(heads.back());
    if (bytes.size() < length)
      co_await asio::async_read(stream, bytes, asio::transfer_exactly(length - bytes.size()), as_result);
    bodies.push_back(taken(bytes, length));
    co_return true;
  }
  static void reset(asio::ip::tcp::socket::lowest_layer_type& socket) {
    socket.set_option(asio::socket_base::linger(true, 0));
    socket.close();
  }
  static std::string taken(asio::streambuf& bytes, std::size_t size) {
    std::string text(size, '\0');
    bytes.sgetn(text.data(), static_cast<std::streamsize>(size));
    return text;
  }
  static std::size_t body_size(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    std::size_t length = 0;
    if (const auto at = head.find(name); at != head.npos)
      std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
    return length;
  }

  answer_call answer_;
  asio::ip::tcp::acceptor acceptor_;
};

}  // namespace lifehook::aws
