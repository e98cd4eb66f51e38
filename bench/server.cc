#include "bench/server.h"

#include "bench/http_text.h"
#include "bench/stats.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace lifehook::bench {

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::chrono::milliseconds watchful{50};

int checked(int result, const char* doing) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), doing);
  return result;
}

sockaddr* as_address(sockaddr_in& from) { return reinterpret_cast<sockaddr*>(&from); }

int listen_on(unsigned short port) {
  const int listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "making a socket");
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  checked(bind(listener, as_address(address), sizeof address), "binding");
  checked(listen(listener, 4096), "listening");
  return listener;
}

}  // namespace

struct server::connection {
  connection(int own, ssl_ctx_st* tls, std::uint64_t number) : wire(own, tls), serial(number) {}

  channel wire;
  std::uint64_t serial;
  std::string in, out;
  std::vector<hook_range> unwritten;  // messages in `out`
  bool waits = false;                 // for an answer that is late or has no messages yet
  bool blocked = false;               // `out` did not fit into the socket
};

server::server(unsigned short port, serving how)
    : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "making an epoll")),
      listener_(listen_on(port)),
      how_(std::move(how)),
      tls_(make_tls(how_.tls)) {
  epoll_event watched{.events = EPOLLIN, .data = {.fd = listener_}};
  checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &watched), "watching the listener");
}

server::~server() {
  ::close(listener_);
  ::close(epoll_);
}

unsigned short server::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  checked(getsockname(listener_, as_address(address), &size), "asking for the port");
  return ntohs(address.sin_port);
}

moment server::now() const {
  const auto at = std::chrono::steady_clock::now();
  return {at, busy_ + (at - woke_)};
}

void server::run(fleet& of, answers& with) {
  fleet_ = &of;
  answers_ = &with;
  woke_ = std::chrono::steady_clock::now();
  for (;;) wait();
}

void server::wait() {
  std::array<epoll_event, 256> events;
  const auto until = next_event();
  busy_ = now().busy;
  const auto asleep = std::min(worked_ + watchful, until.value_or(instant::max()));
  int count = look(events, std::chrono::nanoseconds(0));
  while (count == 0 && std::chrono::steady_clock::now() < asleep) count = look(events, std::chrono::nanoseconds(0));
  if (count == 0) count = look(events, until ? std::optional(*until - std::chrono::steady_clock::now()) : std::nullopt);
  woke_ = std::chrono::steady_clock::now();
  if (count > 0) worked_ = woke_;
  for (int n = 0; n < count; ++n) {
    const auto& event = events[static_cast<std::size_t>(n)];
    if (event.data.fd == listener_) {
      accept_all();
    } else if (auto& one = connections_[static_cast<std::size_t>(event.data.fd)]; one) {
      (event.events & EPOLLOUT) != 0 ? flush(*one) : read_from(*one);
    }
  }
  send_late();
  feed_polls();
}

int server::look(std::span<epoll_event> events, std::optional<std::chrono::nanoseconds> for_at_most) const {
  const auto left = std::max(for_at_most.value_or(std::chrono::nanoseconds(0)), std::chrono::nanoseconds(0));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  const timespec limit{seconds.count(), (left - seconds).count()};
  return epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), for_at_most ? &limit : nullptr, nullptr);
}

std::optional<instant> server::next_event() const {
  std::optional<instant> next;
  const auto sooner = [&next](instant at) { next = next ? std::min(*next, at) : at; };
  if (!late_.empty()) sooner(late_.front().due);
  if (polls_.empty()) return next;
  sooner(polls_.front().end);
  if (const auto message = fleet_->next_message()) sooner(*message);
  return next;
}

void server::accept_all() {
  for (;;) {
    const int accepted = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) return;
    const int on = 1;
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto place = static_cast<std::size_t>(accepted);
    if (connections_.size() <= place) connections_.resize(place + 1);
    connections_[place] = std::make_unique<connection>(accepted, tls_.get(), ++serials_);
    epoll_event watched{.events = EPOLLIN, .data = {.fd = accepted}};
    checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, accepted, &watched), "watching a connection");
  }
}

void server::close(connection& one) {
  std::erase_if(polls_, [&one](const long_poll& each) { return each.serial == one.serial; });
  connections_[static_cast<std::size_t>(one.wire.socket())].reset();
}

server::connection* server::find(int socket, std::uint64_t serial) {
  auto* const one = connections_[static_cast<std::size_t>(socket)].get();
  return one != nullptr && one->serial == serial ? one : nullptr;
}

void server::read_from(connection& from) {
  const auto read = from.wire.read(from.in);
  if (read == channel::progress::closed) return close(from);
  if (read == channel::progress::some) answer_all(from);
}

// Whatever of a pipeline can be answered goes out in one piece.
void server::answer_all(connection& of) {
  std::size_t used = 0;
  while (!of.waits) {
    const auto request = read_http(std::string_view(of.in).substr(used));
    if (!request) break;
    answer(of, *request);
    used += request->size;
  }
  of.in.erase(0, used);
  if (!of.out.empty()) flush(of);
}

void server::answer(connection& of, const http_text& request) {
  if (request.first_line.starts_with("GET ")) {
    append_answer(of.out, "200 OK", json_type, measured(request.first_line));
    return;
  }
  const auto read = now();
  const auto called = answers_->note(request, read.at);
  if (answers::receives(called)) return answer_receive(of, request);
  ready_answer made;
  answers_->write(how_.delay.count() > 0 ? made.bytes : of.out, called, request.body, read);
  if (how_.delay.count() > 0) deliver(of, std::move(made));
}

std::string server::measured(std::string_view first_line) {
  if (first_line.starts_with("GET /order ")) return render_order(*fleet_, *answers_);
  if (!first_line.starts_with("GET /release ")) return render_stats(*fleet_, *answers_, first_receive_, now());
  fleet_->release(std::chrono::steady_clock::now());
  return "{}";
}

void server::answer_receive(connection& of, const http_text& request) {
  const auto read = now();
  if (!first_receive_) first_receive_ = read;
  if (!how_.held) fleet_->release(read.at);
  const auto wish = read_receive(request.body);
  const auto messages = fleet_->take(wish.most, read.at);
  if (messages.count == 0 && wish.wait.count() > 0) {
    of.waits = true;
    polls_.push_back({read.at + wish.wait, of.wire.socket(), of.serial, wish.most});
    return;
  }
  ready_answer made{{}, messages};
  answers_->write_messages(made.bytes, messages);
  deliver(of, std::move(made));
}

void server::deliver(connection& to, ready_answer answer) {
  if (how_.delay.count() == 0) return put(to, std::move(answer));
  to.waits = true;
  late_.push_back({std::chrono::steady_clock::now() + how_.delay, to.wire.socket(), to.serial, std::move(answer)});
}

void server::put(connection& to, ready_answer answer) {
  to.out.append(answer.bytes);
  if (answer.messages.count > 0) to.unwritten.push_back(answer.messages);
}

void server::flush(connection& of) {
  if (of.wire.write(of.out) == channel::progress::closed) return close(of);
  if (of.blocked != !of.out.empty()) watch(of, !of.out.empty());
  if (!of.out.empty()) return;
  for (const auto& each : of.unwritten) fleet_->handed(each, now());
  of.unwritten.clear();
}

void server::watch(connection& of, bool for_room) {
  of.blocked = for_room;
  epoll_event watched{.events = for_room ? EPOLLIN | EPOLLOUT : EPOLLIN, .data = {.fd = of.wire.socket()}};
  checked(epoll_ctl(epoll_, EPOLL_CTL_MOD, of.wire.socket(), &watched), "watching a connection");
}

void server::send_late() {
  while (!late_.empty() && late_.front().due <= std::chrono::steady_clock::now()) {
    auto due = std::move(late_.front());
    late_.pop_front();
    auto* const to = find(due.socket, due.serial);
    if (to == nullptr) continue;
    to->waits = false;
    put(*to, std::move(due.answer));
    answer_all(*to);
  }
}

// Polls all wait equally long, so they end in the order they came.
void server::feed_polls() {
  while (!polls_.empty()) {
    const auto poll = polls_.front();
    const auto at = std::chrono::steady_clock::now();
    const auto messages = fleet_->take(poll.most, at);
    if (messages.count == 0 && at < poll.end) return;
    polls_.pop_front();
    auto* const to = find(poll.socket, poll.serial);  // a closed one has taken its poll along
    ready_answer made{{}, messages};
    answers_->write_messages(made.bytes, messages);
    to->waits = false;
    deliver(*to, std::move(made));
    answer_all(*to);
  }
}

}  // namespace lifehook::bench
