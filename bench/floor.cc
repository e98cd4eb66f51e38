// What the job costs at the least: the same requests, each signed freshly, over sockets that stay open; of an answer
// only its length is read. Each lane is one connection that takes messages and sees them through, call after call.
#include "aws/sigv4.h"
#include "bench/floor_calls.h"
#include "bench/hook_names.h"
#include "bench/http_text.h"
#include "bench/options.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <system_error>

namespace lifehook::bench {

namespace {

constexpr std::string_view usage =
    "usage: bench_floor --port PORT [--batch 1] [--lanes 16]\n"
    "  --batch 1: every hook by itself; 100: as many together as AWS allows. Runs until it is ended.\n";

constexpr unsigned long_poll = 20;

int checked(int result, const char* doing) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), doing);
  return result;
}

int connected_to(unsigned short port) {
  const int made = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "making a socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  checked(connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connecting");
  const int on = 1;
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

struct lane {
  int socket;
  std::string in;
  std::vector<unsigned> hooks;     // received, and not planned for yet
  std::deque<planned_call> calls;  // the first is on its way
};

class raw_client {
 public:
  raw_client(unsigned short port, std::size_t batch)
      : batch_(batch), host_("127.0.0.1:" + std::to_string(port)), url_("http://" + host_) {}

  void start(lane& in) {
    in.calls.push_back({floor_call::receive, {}});
    send_first(in);
  }

  void read(lane& in) {
    std::array<char, 262144> bytes;
    const auto size = checked(static_cast<int>(recv(in.socket, bytes.data(), bytes.size(), 0)), "reading");
    if (size == 0) throw std::runtime_error("the endpoint has closed a connection");
    in.in.append(bytes.data(), static_cast<std::size_t>(size));
    const auto answer = read_http(in.in);
    if (!answer) return;
    go_on(in, answer->body);
    in.in.clear();
    send_first(in);
  }

 private:
  void go_on(lane& in, std::string_view body) {
    const bool received = in.calls.front().what == floor_call::receive;
    in.calls.pop_front();
    if (received) take(in, hooks_received(body));
    if (in.calls.empty()) in.calls.push_back({floor_call::receive, {}});
  }

  // A batch is begun when it is full, or when no more messages are there.
  void take(lane& in, const std::vector<unsigned>& messages) {
    in.hooks.insert(in.hooks.end(), messages.begin(), messages.end());
    if (in.hooks.size() < batch_ && !messages.empty()) return;
    for (auto& call : plan_for(in.hooks, batch_)) in.calls.push_back(std::move(call));
    in.hooks.clear();
  }

  void send_first(lane& in) {
    const auto& call = in.calls.front();
    auto request = unsigned_request(call, url_, in.hooks.empty() ? long_poll : 0);
    signer_.sign(
        request, keys_,
        {std::chrono::time_point_cast<duration>(std::chrono::system_clock::now()), region, signing_name(call.what)});
    std::string text("POST / HTTP/1.1\r\nHost: ");
    text.append(host_).append("\r\nContent-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    for (const auto& [name, value] : request.headers) text.append(name).append(": ").append(value).append("\r\n");
    text.append("\r\n").append(request.body);
    checked(static_cast<int>(send(in.socket, text.data(), text.size(), MSG_NOSIGNAL)), "writing");
  }

  std::size_t batch_;
  std::string host_, url_;
  aws::signer signer_;
  aws::credentials keys_{
      .access_key_id = "AKIDFLOOR", .secret_access_key = "secret", .session_token = {}, .expires = {}};
};

void run(std::span<char* const> arguments) {
  const auto port = static_cast<unsigned short>(option(arguments, "--port", 0));
  raw_client client(port, static_cast<std::size_t>(option(arguments, "--batch", 1)));
  std::vector<lane> lanes(static_cast<std::size_t>(option(arguments, "--lanes", 16)));
  const int epoll = checked(epoll_create1(EPOLL_CLOEXEC), "making an epoll");
  for (auto& each : lanes) {
    each.socket = connected_to(port);
    epoll_event watched{.events = EPOLLIN, .data = {.ptr = &each}};
    checked(epoll_ctl(epoll, EPOLL_CTL_ADD, each.socket, &watched), "watching a connection");
    client.start(each);
  }
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int n = 0; n < count; ++n) client.read(*static_cast<lane*>(events[static_cast<std::size_t>(n)].data.ptr));
  }
}

}  // namespace

}  // namespace lifehook::bench

int main(int count, char** values) {
  using namespace lifehook::bench;
  return run_program("bench_floor", usage, {values, static_cast<std::size_t>(count)}, run);
}
