#include "worker/status_endpoint.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {
bool accepts_nothing = false;
int refused = 0;
}  // namespace

// Stands before the C library's: a test decides whether there are descriptors.
extern "C" int accept(int socket, sockaddr* from, socklen_t* size) {
  if (!accepts_nothing) return static_cast<int>(::syscall(SYS_accept4, socket, from, size, 0));
  ++refused;
  errno = EMFILE;
  return -1;
}

namespace lifehook::worker {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using tcp = asio::ip::tcp;

// A real endpoint on a free port, and a client that speaks HTTP letter by letter.
class status_endpoint_test : public testing::Test {
 protected:
  status_endpoint_test() {
    status_sources from{[] { return std::string("lifehook_build_info{version=\"1\"} 1\n"); },
                        [this] { return healthy_; }, [this] { return missing_; },
                        [] { return std::string("{\"in_hand\":0}\n"); }};
    endpoint_.emplace(tasks_, "127.0.0.1", std::uint16_t{0}, std::move(from));
  }
  ~status_endpoint_test() override {
    endpoint_->close();
    run_until([this] { return tasks_.running() == 0; });
  }

  template <class Done>
  void run_until(Done done) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!done() && std::chrono::steady_clock::now() < end) {
      io_.restart();
      io_.run_one_for(1s);
    }
    EXPECT_TRUE(done()) << "hangs";
  }

  static task<> speak(std::uint16_t port, std::string words, std::string& heard, bool& over) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect({asio::ip::make_address("127.0.0.1"), port}, use_awaitable);
    co_await asio::async_write(socket, asio::buffer(words), asio::as_tuple(use_awaitable));
    co_await asio::async_read(socket, asio::dynamic_buffer(heard), asio::as_tuple(use_awaitable));
    over = true;
  }
  // All the endpoint says until it closes the connection.
  std::string answer_to(std::string words) {
    std::string heard;
    bool over = false;
    tasks_.spawn(speak(endpoint_->port(), std::move(words), heard, over));
    run_until([&over] { return over; });
    return heard;
  }
  std::string get(const std::string& target) {
    return answer_to("GET " + target + " HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
  }

  asio::io_context io_{1};
  task_group tasks_{io_.get_executor()};
  bool healthy_ = true;
  std::vector<std::string> missing_;
  std::optional<status_endpoint> endpoint_;
};

TEST_F(status_endpoint_test, metrics_are_prometheus_text) {
  const auto answer = get("/metrics");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nlifehook_build_info{version=\"1\"} 1\n"));
}

TEST_F(status_endpoint_test, a_query_is_ignored) { EXPECT_THAT(get("/metrics?name=x"), StartsWith("HTTP/1.1 200 ")); }

TEST_F(status_endpoint_test, healthz_says_whether_the_pollers_come_back) {
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));

  healthy_ = false;

  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 503 "));
}

TEST_F(status_endpoint_test, hooks_are_json) {
  const auto answer = get("/hooks");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\n{\"in_hand\":0}\n"));
}

TEST_F(status_endpoint_test, readyz_is_200_when_everything_answers) {
  const auto answer = get("/readyz");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nready\n"));
}

TEST_F(status_endpoint_test, readyz_says_what_does_not_answer) {
  missing_ = {"credentials", "queue lifecycle"};

  const auto answer = get("/readyz");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answer, HasSubstr("credentials\n"));
  EXPECT_THAT(answer, HasSubstr("queue lifecycle\n"));
}

TEST_F(status_endpoint_test, another_path_is_404) {
  for (const auto* target : {"/", "/metrics/", "/healthzz", "/../metrics"})
    EXPECT_THAT(get(target), StartsWith("HTTP/1.1 404 ")) << target;
}

TEST_F(status_endpoint_test, another_method_is_405) {
  const auto answer = answer_to("DELETE /metrics HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(status_endpoint_test, head_gives_the_header_alone) {
  const auto answer = answer_to("HEAD /metrics HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");

  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 35\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(status_endpoint_test, one_connection_may_ask_again) {
  const auto answer = answer_to(
      "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
      "GET /readyz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");

  EXPECT_THAT(answer, HasSubstr("ok\n"));
  EXPECT_THAT(answer, HasSubstr("ready\n"));
}

TEST_F(status_endpoint_test, a_body_is_answered_too_and_not_read) {
  for (const std::string body :
       {"Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"}) {
    const auto posted = answer_to("POST /metrics HTTP/1.1\r\nHost: here\r\n" + body);
    EXPECT_THAT(posted, StartsWith("HTTP/1.1 405 ")) << body;
    EXPECT_THAT(posted, HasSubstr("Connection: close\r\n")) << body;

    EXPECT_THAT(answer_to("GET /healthz HTTP/1.1\r\nHost: here\r\n" + body),
                AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("ok\n")))
        << body;
  }
}

// More than the two ends keep: a connection closed with words unread takes the answer away from who still speaks.
TEST_F(status_endpoint_test, who_sends_a_large_body_hears_the_answer) {
  const auto size = std::size_t{16} << 20U;
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
                        std::string(size, 'x')),
              StartsWith("HTTP/1.1 405 "));
}

TEST_F(status_endpoint_test, nonsense_and_endless_headers_are_refused_and_close_the_connection) {
  const std::string endless(100'000, 'x');
  EXPECT_THAT(answer_to("hello\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer_to("GET /metrics HTTP/1.1\r\nX: " + endless + "\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer_to("GET /" + endless + " HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 431 "));

  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(status_endpoint_test, many_requests_at_once_on_one_connection_are_answered_in_order) {
  std::string words;
  for (int n = 0; n < 200; ++n) words += "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n";

  const auto answer = answer_to(words + "HEAD /metrics HTTP/1.1\r\nConnection: close\r\n\r\n");

  EXPECT_THAT(answer, AllOf(HasSubstr("ok\n"), EndsWith("Content-Length: 35\r\n\r\n")));
}

TEST_F(status_endpoint_test, who_connects_and_says_nothing_keeps_no_probe_out) {
  std::vector<tcp::socket> silent;
  for (int n = 0; n < 100; ++n) {
    silent.emplace_back(io_).connect({asio::ip::make_address("127.0.0.1"), endpoint_->port()});
    io_.restart();
    io_.poll();
  }

  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(status_endpoint_test, closing_ends_idle_connections_too) {
  std::string heard;
  bool over = false;
  tasks_.spawn(speak(endpoint_->port(), "GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n", heard, over));
  run_until([&heard] { return heard.find("ok\n") != std::string::npos; });

  endpoint_->close();

  const auto began = std::chrono::steady_clock::now();
  run_until([&over] { return over; });
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
}

// While it lives this process accepts no connection, for want of descriptors. (Taking the descriptors away for real
// would take them from the sanitizers too.)
class no_more_descriptors {
 public:
  no_more_descriptors() { accepts_nothing = true; }
  ~no_more_descriptors() { accepts_nothing = false; }
  no_more_descriptors(const no_more_descriptors&) = delete;
  no_more_descriptors& operator=(const no_more_descriptors&) = delete;
};

TEST_F(status_endpoint_test, without_descriptors_it_rests_and_serves_when_there_are_some_again) {
  tcp::socket client(io_, tcp::v4());
  {
    const no_more_descriptors none;
    client.connect({asio::ip::make_address("127.0.0.1"), endpoint_->port()});

    EXPECT_LT(io_.run_for(500ms), 20U) << "spins";
    EXPECT_GT(refused, 0);
  }

  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(status_endpoint_test, closing_ends_its_rest) {
  tcp::socket client(io_, tcp::v4());
  const no_more_descriptors none;
  client.connect({asio::ip::make_address("127.0.0.1"), endpoint_->port()});
  io_.run_for(50ms);
  ASSERT_GT(refused, 0);

  endpoint_->close();

  run_until([this] { return tasks_.running() == 0; });
}

TEST_F(status_endpoint_test, an_address_in_use_is_said_at_once) {
  EXPECT_THROW(status_endpoint(tasks_, "127.0.0.1", endpoint_->port(), {}), boost::system::system_error);
}

}  // namespace
}  // namespace lifehook::worker
