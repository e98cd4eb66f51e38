#include "worker/status_endpoint.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <optional>

namespace lifehook::worker {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

namespace {

constexpr auto quietly = asio::as_tuple(use_awaitable);
constexpr std::size_t most_connections = 32;
constexpr auto patience = std::chrono::seconds(5);
constexpr std::size_t most_header = 8192;
constexpr auto after_failure = std::chrono::milliseconds(200);  // without file descriptors accept fails at once

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const auto& each : all) text += "not answering: " + each + "\n";
  return text;
}

using page = http::response<http::string_body>;

page answer(const http::request<http::empty_body>& asked, const status_sources& from) {
  page response(http::status::ok, asked.version());
  response.keep_alive(asked.keep_alive());
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  const auto target = asked.target().substr(0, asked.target().find('?'));
  if (asked.method() != http::verb::get && asked.method() != http::verb::head) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET, HEAD");
  } else if (target == "/metrics") {
    response.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
    response.body() = from.metrics();
  } else if (target == "/healthz") {
    const bool healthy = from.healthy();
    response.result(healthy ? http::status::ok : http::status::service_unavailable);
    response.body() = healthy ? "ok\n" : "a poller has not come back in its time\n";
  } else if (target == "/readyz") {
    const auto missing = from.not_ready();
    response.result(missing.empty() ? http::status::ok : http::status::service_unavailable);
    response.body() = missing.empty() ? "ready\n" : lines(missing);
  } else if (target == "/hooks") {
    response.set(http::field::content_type, "application/json");
    response.body() = from.hooks();
  } else {
    response.result(http::status::not_found);
    response.body() = "try /metrics, /healthz, /readyz or /hooks\n";
  }
  response.prepare_payload();
  return response;
}

// To words that are no request; nothing when the connection is over, or nobody speaks any more.
std::optional<page> refusal(boost::system::error_code why) {
  if (why.category() != http::make_error_code(http::error::bad_method).category()) return {};
  if (why == http::error::end_of_stream || why == http::error::partial_message) return {};
  const bool endless = why == http::error::header_limit;
  page response(endless ? http::status::request_header_fields_too_large : http::status::bad_request, 11);
  response.keep_alive(false);
  response.prepare_payload();
  return response;
}

// One request and its answer; whether there may be another. A body is not read, so nothing may follow it.
task<bool> exchange(beast::tcp_stream& stream, beast::flat_buffer& heard, const status_sources& from) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(most_header);
  parser.body_limit(boost::none);
  stream.expires_after(patience);
  const auto [unread, size] = co_await http::async_read_header(stream, heard, parser, quietly);
  auto response = unread ? refusal(unread) : answer(parser.get(), from);
  if (!response) co_return false;
  if (!parser.is_done()) response->keep_alive(false);
  if (parser.get().method() == http::verb::head) response->body().clear();
  const auto [unwritten, written] = co_await http::async_write(stream, *response, quietly);
  co_return !unwritten && response->keep_alive();
}

// Until the other side closes, too, or has had its time: a connection that is closed with words unread is reset, and
// the answer may be lost with it.
task<> hang_up(beast::tcp_stream& stream) {
  boost::system::error_code over;
  stream.socket().shutdown(tcp::socket::shutdown_send, over);
  std::array<char, 4096> ignored;
  while (!over) {
    const auto [failed, size] = co_await stream.async_read_some(asio::buffer(ignored), quietly);
    over = failed;
  }
}

}  // namespace

struct status_endpoint::state : std::enable_shared_from_this<state> {
  state(task_group& in, const std::string& address, std::uint16_t port, status_sources with)
      : tasks(in),
        acceptor(in.executor(), tcp::endpoint(asio::ip::make_address(address), port)),
        pause(in.executor()),
        from(std::move(with)) {}

  // The oldest connection goes: those who connect and say nothing must not keep a health check out.
  void make_room() {
    if (connections.size() < most_connections) return;
    const auto oldest = connections.front();
    connections.erase(connections.begin());
    oldest->close();
  }

  static task<> accept(std::shared_ptr<state> self) {
    while (self->acceptor.is_open()) {
      auto [failed, socket] = co_await self->acceptor.async_accept(quietly);
      if (failed == asio::error::operation_aborted) co_return;
      if (failed) {
        self->pause.expires_after(after_failure);
        co_await self->pause.async_wait(quietly);
        continue;
      }
      self->make_room();
      auto stream = std::make_shared<beast::tcp_stream>(std::move(socket));
      self->connections.push_back(stream);
      self->tasks.spawn(serve(self, stream));
    }
  }

  static task<> serve(std::shared_ptr<state> self, std::shared_ptr<beast::tcp_stream> stream) {
    beast::flat_buffer buffer;
    while (co_await exchange(*stream, buffer, self->from)) {
    }
    co_await hang_up(*stream);
    std::erase(self->connections, stream);
  }

  task_group& tasks;
  tcp::acceptor acceptor;
  loop_timer pause;
  status_sources from;
  std::vector<std::shared_ptr<beast::tcp_stream>> connections;
};

status_endpoint::status_endpoint(task_group& tasks, const std::string& address, std::uint16_t port, status_sources from)
    : state_(std::make_shared<state>(tasks, address, port, std::move(from))) {
  tasks.spawn(state::accept(state_));
}

status_endpoint::~status_endpoint() { close(); }

void status_endpoint::close() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  state_->pause.cancel();
  for (auto& each : state_->connections) each->close();
}

std::uint16_t status_endpoint::port() const { return state_->acceptor.local_endpoint().port(); }

}  // namespace lifehook::worker
