#include "simulator/port.h"

#include "base/interrupt.h"
#include "base/task_group.h"
#include "simulator/http_reader.h"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <unordered_set>

namespace lifehook::simulator {
namespace {

using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t most_connections = 8192;
constexpr auto quietly = asio::as_tuple(use_awaitable);

struct connection {
  explicit connection(tcp::socket from) : socket(std::move(from)) {}

  tcp::socket socket;
  http_reader reader;
  std::string head;
  interrupt gone;  // the caller has left, or the port closes: a long poll ends
};

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    default: return "Unknown";
  }
}

void write_head(std::string& head, const aws::http_response& response, bool keeps_alive) {
  head.clear();
  auto to = std::back_inserter(head);
  fmt::format_to(to, "HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
  for (const auto& [name, value] : response.headers) head.append(name).append(": ").append(value).append("\r\n");
  if (!keeps_alive) head.append("connection: close\r\n");
  fmt::format_to(to, "content-length: {}\r\n\r\n", response.body.size());
}

task<error_code> write_response(connection& to, const aws::http_response& response, bool keeps_alive) {
  write_head(to.head, response, keeps_alive);
  const std::array<asio::const_buffer, 2> parts{asio::buffer(to.head), asio::buffer(response.body)};
  const auto [failed, count] = co_await asio::async_write(to.socket, parts, quietly);
  co_return failed;
}

bool may_wait(const aws::http_request& asked) {
  for (const auto& [name, value] : asked.headers)
    if (name == "x-amz-target") return value.ends_with(".ReceiveMessage");
  return false;
}

// Ends the wait of a caller who closes the connection. One who sends on is there, and is not watched further.
void watch(const std::shared_ptr<connection>& on) {
  on->socket.async_wait(tcp::socket::wait_read, [weak = std::weak_ptr(on)](error_code failed) {
    const auto held = weak.lock();
    if (failed || !held || !held->socket.is_open()) return;
    char peeked = 0;
    const auto count = held->socket.receive(asio::buffer(&peeked, 1), tcp::socket::message_peek, failed);
    if (failed == asio::error::would_block || failed == asio::error::try_again) return;
    if (failed || count == 0) held->gone.raise();
  });
}

task<result<aws::http_response>> heard(task<aws::http_response> answering) { co_return co_await std::move(answering); }

}  // namespace

struct port::state {
  state(loop_executor executor, world& with) : acceptor(executor), behind(with), tasks(executor) {}

  static task<> accept(std::shared_ptr<state> self);
  static task<> serve(std::shared_ptr<state> self, std::shared_ptr<connection> on);
  static task<> kept(std::shared_ptr<state> self, task<> work);
  task<result<aws::http_response>> answer(std::shared_ptr<connection> to, aws::http_request asked);
  task<bool> serve_one(std::shared_ptr<connection> on);
  void close();

  tcp::acceptor acceptor;
  world& behind;  // not looked at once closed
  task_group tasks;
  std::unordered_set<std::shared_ptr<connection>> open;
  bool closed = false;
};

port::port(loop_executor executor, world& behind, std::string address, std::uint16_t number)
    : state_(std::make_shared<state>(std::move(executor), behind)) {
  const tcp::endpoint at(asio::ip::make_address(address), number);
  auto& acceptor = state_->acceptor;
  acceptor.open(at.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(at);
  acceptor.listen();
  const bool is_v6 = at.address().is_v6();
  behind.set_base_url(fmt::format("http://{}{}{}:{}", is_v6 ? "[" : "", address, is_v6 ? "]" : "", this->number()));
  state_->tasks.spawn(state::kept(state_, state::accept(state_)));
}

port::~port() { close(); }

std::uint16_t port::number() const {
  error_code closed;
  return state_->acceptor.local_endpoint(closed).port();
}

void port::close() { state_->close(); }

void port::state::close() {
  if (std::exchange(closed, true)) return;
  error_code ignored;
  acceptor.close(ignored);
  for (const auto& each : open) {
    each->gone.raise();
    each->socket.close(ignored);
  }
}

// The task group counts a task down after its frame is gone, at once or one turn later: a twice posted owner keeps it
// until then.
task<> port::state::kept(std::shared_ptr<state> self, task<> work) {
  co_await std::move(work);
  const auto executor = self->tasks.executor();
  asio::post(executor, [executor, self] { asio::post(executor, [self] {}); });
}

task<> port::state::accept(std::shared_ptr<state> self) {
  loop_timer pause(self->tasks.executor());
  while (!self->closed) {
    auto [failed, socket] = co_await self->acceptor.async_accept(quietly);
    if (self->closed) co_return;
    if (failed || self->open.size() >= most_connections) {  // out of file handles: some will close
      pause.expires_after(std::chrono::milliseconds(20));
      co_await pause.async_wait(quietly);
      continue;
    }
    socket.set_option(tcp::no_delay(true), failed);
    auto on = std::make_shared<connection>(std::move(socket));
    self->open.insert(on);
    self->tasks.spawn(kept(self, serve(self, std::move(on))));
  }
}

task<> port::state::serve(std::shared_ptr<state> self, std::shared_ptr<connection> on) {
  for (bool goes_on = true; goes_on && !self->closed;) goes_on = co_await self->serve_one(on);
  error_code ignored;
  on->socket.close(ignored);
  self->open.erase(on);
}

task<bool> port::state::serve_one(std::shared_ptr<connection> on) {
  while (on->reader.next() == http_reader::status::needs_more) {
    const auto [failed, count] = co_await on->socket.async_read_some(on->reader.room(), quietly);
    if (failed) co_return false;
    on->reader.received(count);
  }
  if (closed) co_return false;
  if (on->reader.next() == http_reader::status::refused) {
    const aws::http_response refusal{on->reader.refusal(), {}, {}};
    co_await write_response(*on, refusal, false);
    co_return false;
  }
  auto asked = on->reader.take();
  const bool keeps_alive = on->reader.keeps_alive();
  const auto answered = co_await answer(on, std::move(asked));
  if (answered.has_error() || answered->status == 0 || closed) co_return false;
  const auto failed = co_await write_response(*on, *answered, keeps_alive);
  co_return !failed && keeps_alive;
}

task<result<aws::http_response>> port::state::answer(std::shared_ptr<connection> to, aws::http_request asked) {
  if (!may_wait(asked)) co_return co_await heard(behind.answer(std::move(asked)));
  watch(to);
  auto answered = co_await to->gone.guard(heard(behind.answer(std::move(asked))));
  error_code ignored;
  if (to->socket.is_open()) to->socket.cancel(ignored);
  co_return answered;
}

}  // namespace lifehook::simulator
