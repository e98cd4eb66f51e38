#include "worker/status_endpoint.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

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

http::response<http::string_body> answer(const http::request<http::empty_body>& asked, const status_sources& from) {
  http::response<http::string_body> response(http::status::ok, asked.version());
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
  } else {
    response.result(http::status::not_found);
    response.body() = "try /metrics, /healthz or /readyz\n";
  }
  response.prepare_payload();
  return response;
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
    for (bool more = true; more;) {
      http::request_parser<http::empty_body> parser;
      parser.header_limit(most_header);
      stream->expires_after(patience);
      const auto [unread, size] = co_await http::async_read(*stream, buffer, parser, quietly);
      if (unread) break;
      auto response = answer(parser.get(), self->from);
      more = response.keep_alive();
      const bool head = parser.get().method() == http::verb::head;
      if (head) response.body().clear();
      const auto [unwritten, written] = co_await http::async_write(*stream, response, quietly);
      if (unwritten) break;
    }
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
