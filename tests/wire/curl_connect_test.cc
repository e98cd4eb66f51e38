#include "tests/wire/tiny_server.h"
#include "tests/wire/wire_stage.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// A port of this machine that answers no SYN, as a subnet without a route does: its queue is full.
class black_hole {
 public:
  black_hole() : listening_(open()) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listening_, address, size), 0);
    EXPECT_EQ(::listen(listening_, 0), 0);
    EXPECT_EQ(::getsockname(listening_, address, &size), 0);
    port_ = ntohs(at.sin_port);
    for (auto& each : waiting_) {
      each = open();
      (void)::connect(each, address, size);
    }
  }
  ~black_hole() {
    for (const int each : waiting_) ::close(each);
    ::close(listening_);
  }
  black_hole(const black_hole&) = delete;
  black_hole& operator=(const black_hole&) = delete;

  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }

 private:
  static int open() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

  int listening_;
  std::array<int, 4> waiting_{};
  unsigned port_ = 0;
};

http_request within(std::chrono::milliseconds limit, std::string url) {
  auto request = get(std::move(url));
  request.timeout = limit;
  return request;
}

TEST(curl_connect, a_target_that_does_not_answer_is_a_timeout) {
  black_hole nowhere;
  curl_settings with;
  with.connect_timeout = 50ms;
  wire_stage stage(with);

  const auto answer = stage.fetch(get(nowhere.url()));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::timeout);
  EXPECT_THAT(answer.error().what(), HasSubstr(nowhere.url()));
}

// libcurl closes such a socket without a word; its number is the next one's.
TEST(curl_connect, an_abandoned_connect_leaves_nothing_behind) {
  black_hole nowhere;
  wire_stage stage;
  tiny_server server(stage.group, [](std::string_view) { return ok("hello"); });

  for (int i = 0; i < 5; ++i) {
    ASSERT_FALSE(stage.fetch(within(30ms, nowhere.url())));
    auto request = within(5000ms, server.url());
    request.fresh_connection = true;
    const auto answer = stage.fetch(request);
    ASSERT_TRUE(answer) << answer.error().what();
    EXPECT_EQ(answer->body, "hello");
  }
  stage.wire.reset();
  server.close();
  stage.io.run_for(20s);

  EXPECT_TRUE(stage.io.stopped()) << "a wait for a socket that is gone must not keep the program alive";
}

task<> guarded(interrupt& stop, http_transport& wire, http_request request, wire_stage::outcome& answer) {
  auto sending = stop.guard(wire.send(std::move(request)));
  answer.emplace(co_await std::move(sending));
}

TEST(curl_connect, may_be_given_up) {
  black_hole nowhere;
  wire_stage stage;
  interrupt stop;
  wire_stage::outcome answer;
  stage.group.spawn(guarded(stop, *stage.wire, get(nowhere.url()), answer));
  stage.io.run_for(30ms);

  stop.raise();
  stage.run_until([&] { return answer.has_value(); });
  stage.io.run_for(20s);

  EXPECT_EQ(answer->error().code(), errc::cancelled);
  EXPECT_TRUE(stage.io.stopped());
}

TEST(curl_connect, that_never_speaks_tls_is_a_timeout) {
  curl_settings with;
  with.connect_timeout = 50ms;
  wire_stage stage(with);
  tiny_server server(stage.group, [](std::string_view) { return reply{}; });

  const auto answer = stage.fetch(get(server.url("127.0.0.1", "https")));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::timeout);
}

TEST(curl_connect, what_curl_says_of_a_broken_proxy_is_not_shown) {
  curl_settings with;
  with.proxy = "ftp://me:p#ss@proxy:3128";
  wire_stage stage(with);

  const auto answer = stage.fetch(get("https://sqs.eu-west-1.amazonaws.com/"));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
  for (const auto* secret : {"me:", "p#", "ss@", ":p/"})
    EXPECT_EQ(answer.error().what().find(secret), std::string::npos) << answer.error().what();
}

}  // namespace
}  // namespace lifehook::aws
