#include "aws/curl_transport.h"

#include "tests/wire/tiny_server.h"
#include "tests/wire/wire_stage.h"

#include <gmock/gmock.h>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

reply silence(std::string_view) { return {}; }
reply say_hello(std::string_view) { return ok("hello"); }

class curl_transport : public ::testing::Test {
 protected:
  // The stage first: the server lives on its executor.
  std::unique_ptr<wire_stage> stage = std::make_unique<wire_stage>();
  std::unique_ptr<tiny_server> server;

  tiny_server& serve(tiny_server::answer_call answer) {
    server = std::make_unique<tiny_server>(stage->group, std::move(answer));
    return *server;
  }
  // As many GETs at the same time, until each has ended.
  std::vector<wire_stage::outcome> fetch_at_once(int count) {
    std::vector<std::shared_ptr<wire_stage::outcome>> answers;
    for (int i = 0; i < count; ++i) answers.push_back(stage->start(get(server->url())));
    stage->run_until([&] { return std::ranges::all_of(answers, [](const auto& each) { return each->has_value(); }); });
    std::vector<wire_stage::outcome> ended;
    for (const auto& each : answers) ended.push_back(std::move(*each));
    return ended;
  }
};

TEST_F(curl_transport, sends_method_headers_and_body_and_reads_the_answer) {
  serve([](std::string_view) { return ok("<ok/>", "X-Amzn-RequestId:  r-1 \r\n"); });

  const auto answer = stage->fetch({.method = "POST",
                                    .url = server->url() + "path?q=1",
                                    .headers = {{"X-Amz-Target", "AmazonSQS.ReceiveMessage"}, {"X-Empty", ""}},
                                    .body = "{}"});

  ASSERT_TRUE(answer) << answer.error().what();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "<ok/>");
  EXPECT_EQ(answer->header("x-amzn-requestid"), "r-1");
  EXPECT_THAT(server->heads[0], StartsWith("POST /path?q=1 HTTP/1.1\r\n"));
  EXPECT_THAT(server->heads[0],
              AllOf(HasSubstr("X-Amz-Target: AmazonSQS.ReceiveMessage\r\n"), HasSubstr("X-Empty:\r\n")));
  EXPECT_EQ(server->bodies[0], "{}");
}

TEST_F(curl_transport, adds_no_header_of_curls_own_making) {
  serve(say_hello);

  (void)stage->fetch({.method = "POST", .url = server->url(), .headers = {}, .body = std::string(2 << 20, 'x')});

  EXPECT_THAT(server->heads[0],
              AllOf(Not(HasSubstr("Expect")), Not(HasSubstr("Accept")), Not(HasSubstr("Content-Type"))));
  EXPECT_EQ(server->bodies[0].size(), 2U << 20);
}

TEST_F(curl_transport, sends_other_methods_with_their_name) {
  serve(say_hello);

  const auto put = stage->fetch({.method = "PUT", .url = server->url(), .headers = {}, .body = {}});
  const auto read = stage->fetch(get(server->url()));
  const auto head = stage->fetch({.method = "HEAD", .url = server->url(), .headers = {}, .body = {}});
  server->heads.push_back("");

  ASSERT_TRUE(put && read);
  EXPECT_THAT(server->heads[0], AllOf(StartsWith("PUT / "), HasSubstr("Content-Length: 0\r\n")));
  EXPECT_THAT(server->heads[1], AllOf(StartsWith("GET / "), Not(HasSubstr("Content-Length"))));
  EXPECT_THAT(server->heads[2], StartsWith("HEAD / "));
}

TEST_F(curl_transport, reuses_one_connection_for_many_requests) {
  serve(say_hello);

  for (int i = 0; i < 50; ++i) ASSERT_TRUE(stage->fetch(get(server->url())));

  EXPECT_EQ(server->heads.size(), 50U);
  EXPECT_EQ(server->connections, 1U);
}

TEST_F(curl_transport, opens_a_fresh_connection_when_asked_to) {
  serve(say_hello);
  (void)stage->fetch(get(server->url()));

  auto request = get(server->url());
  request.fresh_connection = true;
  const auto fresh = stage->fetch(request);
  const auto connections_then = server->connections;
  (void)stage->fetch(get(server->url()));

  EXPECT_TRUE(fresh);
  EXPECT_EQ(connections_then, 2U);
  EXPECT_EQ(server->connections, 2U) << "one request's wish stays with that request";
}

TEST_F(curl_transport, a_connection_the_server_has_closed_is_replaced) {
  serve([](std::string_view) {
    auto said = ok("hello");
    said.then = afterwards::close;
    return said;
  });

  for (int i = 0; i < 5; ++i) {
    const auto answer = stage->fetch(get(server->url()));
    ASSERT_TRUE(answer) << answer.error().what();
    stage->io.run_for(1ms);
  }

  EXPECT_EQ(server->connections, 5U);
  EXPECT_EQ(server->heads.size(), 5U);
}

TEST_F(curl_transport, a_connection_that_dies_unanswered_is_replaced_once_if_it_had_rested) {
  bool dies = false;
  serve([&](std::string_view) { return dies ? reply{"", afterwards::reset} : ok("hello"); });
  ASSERT_TRUE(stage->fetch(get(server->url())));

  dies = true;
  const auto answer = stage->fetch({.method = "POST", .url = server->url(), .headers = {}, .body = "x"});

  ASSERT_FALSE(answer) << "the new one died too";
  EXPECT_EQ(answer.error().code(), errc::unreachable);
  EXPECT_EQ(server->connections, 2U);
  EXPECT_EQ(server->heads.size(), 3U);
}

TEST_F(curl_transport, what_must_not_be_sent_twice_unseen_is_not_when_its_connection_had_rested) {
  bool dies = false;
  serve([&](std::string_view) { return dies ? reply{"", afterwards::reset} : ok("hello"); });
  ASSERT_TRUE(stage->fetch(get(server->url())));

  dies = true;
  auto request = get(server->url());
  request.resend = false;
  const auto answer = stage->fetch(request);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
  EXPECT_EQ(server->connections, 1U);
  EXPECT_EQ(server->heads.size(), 2U);
}

TEST_F(curl_transport, what_must_not_happen_twice_is_sent_once) {
  bool dies = false;
  serve([&](std::string_view) { return dies ? reply{"", afterwards::reset} : ok("hello"); });
  ASSERT_TRUE(stage->fetch(get(server->url())));

  dies = true;
  auto request = get(server->url());
  request.fresh_connection = true;
  const auto answer = stage->fetch(request);

  EXPECT_FALSE(answer);
  EXPECT_EQ(server->heads.size(), 2U);
}

// Says more than it was asked, a moment later, and stays connected.
class talkative_server final : public tiny_server {
 public:
  explicit talkative_server(task_group& group) : tiny_server(group, say_hello) {}

 private:
  task<> serve(asio::ip::tcp::socket socket) override {
    asio::streambuf bytes;
    co_await asio::async_read_until(socket, bytes, "\r\n\r\n", as_result);
    for (const auto* said : {"asked", "unasked"}) {
      const auto answer = ok(said).bytes;
      co_await asio::async_write(socket, asio::buffer(answer), as_result);
      loop_timer moment(group_.executor(), 20ms);
      co_await moment.async_wait(as_result);
    }
    asio::streambuf more;
    co_await asio::async_read_until(socket, more, "\r\n\r\n", as_result);
  }
};

TEST_F(curl_transport, takes_nothing_that_came_unasked_for_the_answer_to_the_next_request) {
  talkative_server talkative(stage->group);

  for (int i = 0; i < 3; ++i) {
    const auto answer = stage->fetch(get(talkative.url()));
    ASSERT_TRUE(answer) << answer.error().what();
    EXPECT_EQ(answer->body, "asked");
    stage->io.run_for(50ms);
  }

  EXPECT_EQ(talkative.connections, 3U);
}

TEST_F(curl_transport, an_answer_may_come_in_pieces_without_a_length) {
  serve(
      [](std::string_view) { return reply{"HTTP/1.1 200 OK\r\n\r\n" + std::string(300'000, 'x'), afterwards::close}; });

  const auto answer = stage->fetch(get(server->url()));

  ASSERT_TRUE(answer) << answer.error().what();
  EXPECT_EQ(answer->body, std::string(300'000, 'x'));
}

TEST_F(curl_transport, keeps_no_more_connections_at_rest_than_it_may) {
  serve(say_hello);
  auto with = patient();
  with.resting_connections = 3;
  stage->use(with);
  (void)fetch_at_once(10);
  const auto opened = server->connections;

  (void)fetch_at_once(10);

  EXPECT_EQ(opened, 10U);
  EXPECT_EQ(server->connections, 17U);
}

TEST_F(curl_transport, runs_many_requests_at_once) {
  serve(say_hello);

  const auto answers = fetch_at_once(40);

  for (const auto& each : answers) EXPECT_EQ(each->value().body, "hello");
  EXPECT_LE(server->connections, 40U);
}

TEST_F(curl_transport, an_error_status_is_an_answer) {
  serve([](std::string_view) { return reply{"HTTP/1.1 503 Slow Down\r\nContent-Length: 4\r\n\r\nbusy"}; });

  const auto answer = stage->fetch(get(server->url()));

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "busy");
}

TEST_F(curl_transport, follows_no_redirect) {
  serve([](std::string_view) { return reply{"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"}; });

  const auto answer = stage->fetch(get(server->url()));

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(server->heads.size(), 1U);
}

TEST_F(curl_transport, a_silent_server_is_a_timeout) {
  serve(silence);
  auto request = get(server->url());
  request.timeout = 30ms;

  const auto answer = stage->fetch(request);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::timeout);
  EXPECT_EQ(answer.error().what(), "GET " + server->url() + ": no answer within 30 ms");
}

TEST_F(curl_transport, a_timeout_of_zero_is_the_shortest_not_the_longest) {
  serve(silence);
  auto request = get(server->url());
  request.timeout = 0ms;

  const auto answer = stage->fetch(request);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::timeout);
}

TEST_F(curl_transport, works_on_after_a_timeout) {
  serve([](std::string_view head) { return head.starts_with("GET /silent") ? reply{} : ok("hello"); });
  auto request = get(server->url() + "silent");
  request.timeout = 30ms;
  (void)stage->fetch(request);

  const auto answer = stage->fetch(get(server->url()));

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello");
}

TEST_F(curl_transport, what_rested_beside_a_connection_that_fell_silent_is_not_used_again) {
  bool lost = false;  // by a NAT gateway, say: nothing comes back but over new ones
  serve([&](std::string_view) { return lost && server->connections <= 3 ? reply{} : ok("hello"); });
  (void)fetch_at_once(3);
  ASSERT_EQ(server->connections, 3U);

  lost = true;
  auto request = get(server->url());
  request.timeout = 30ms;
  const auto first = stage->fetch(request);
  const auto second = stage->fetch(get(server->url()));

  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), errc::timeout);
  ASSERT_TRUE(second) << second.error().what();
  EXPECT_EQ(server->connections, 4U);
}

TEST_F(curl_transport, every_one_of_many_timeouts_comes) {
  serve(silence);
  std::vector<std::shared_ptr<wire_stage::outcome>> answers;

  for (int i = 0; i < 300; ++i) {
    auto request = get(server->url());
    request.timeout = std::chrono::microseconds(3000 + 37 * i);
    answers.push_back(stage->start(request));
  }
  stage->run_until([&] { return std::ranges::all_of(answers, [](const auto& each) { return each->has_value(); }); });

  for (const auto& each : answers) EXPECT_EQ((*each)->error().code(), errc::timeout);
}

TEST_F(curl_transport, a_body_above_the_cap_is_too_large) {
  serve([](std::string_view) { return ok(std::string(100'000, 'x')); });
  auto request = get(server->url());
  request.max_body = 99'999;

  const auto above = stage->fetch(request);
  request.max_body = 100'000;
  const auto at_most = stage->fetch(request);

  ASSERT_FALSE(above);
  EXPECT_EQ(above.error().code(), errc::too_large);
  EXPECT_THAT(above.error().what(), HasSubstr("the answer is above 99999 bytes"));
  ASSERT_TRUE(at_most);
}

TEST_F(curl_transport, endless_headers_are_unreachable) {
  serve([](std::string_view) {
    std::string headers;
    for (int i = 0; i < 100; ++i) headers += fmt::format("X-{}: {}\r\n", i, std::string(1000, 'h'));
    return ok("hello", headers);
  });

  const auto answer = stage->fetch(get(server->url()));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
}

TEST_F(curl_transport, a_reset_connection_is_unreachable_and_names_the_host) {
  serve([](std::string_view) { return reply{"HTTP/1.1 200 OK\r\nContent-Le", afterwards::reset}; });

  const auto answer = stage->fetch({.method = "POST", .url = server->url(), .headers = {}, .body = "x"});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
  EXPECT_THAT(answer.error().what(), StartsWith("POST " + server->url() + ": "));
}

TEST_F(curl_transport, an_answer_that_breaks_off_within_its_headers_is_unreachable) {
  serve([](std::string_view) { return reply{"HTTP/1.1 200 OK\r\nContent-Le", afterwards::close}; });

  const auto answer = stage->fetch(get(server->url()));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
}

TEST_F(curl_transport, a_short_body_is_unreachable) {
  serve([](std::string_view) { return reply{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", afterwards::close}; });

  const auto answer = stage->fetch(get(server->url()));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
}

TEST_F(curl_transport, a_closed_port_is_unreachable_and_nothing_secret_is_told) {
  serve(say_hello);
  const auto port = server->port();
  server->close();

  const auto answer =
      stage->fetch({.method = "POST",
                    .url = fmt::format("http://me:pass@127.0.0.1:{}/v2/credentials/id?X-Amz-Signature=q", port),
                    .headers = {{"Authorization", "secret"}},
                    .body = "hidden"});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
  EXPECT_THAT(answer.error().what(), StartsWith(fmt::format("POST http://127.0.0.1:{}/: failed to connect", port)));
  for (const auto* secret : {"me:", "pass", "credentials", "Signature", "secret", "hidden"})
    EXPECT_THAT(answer.error().what(), Not(HasSubstr(secret)));
}

TEST_F(curl_transport, a_header_with_a_line_break_is_refused_before_it_is_sent) {
  serve(say_hello);

  for (const auto& header :
       http_headers{{"X-A", "b\r\nX-Evil: 1"}, {"X-A\nX-Evil", "1"}, {"X-A", std::string("b\0c", 3)}}) {
    auto request = get(server->url());
    request.headers = {header};
    const auto answer = stage->fetch(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), errc::internal);
  }
  auto request = get(server->url());
  request.method = "GET / HTTP/1.1\r\nX-Evil: 1";
  EXPECT_FALSE(stage->fetch(request));
  EXPECT_EQ(server->connections, 0U);
}

task<> guarded(interrupt& stop, http_transport& wire, http_request request, wire_stage::outcome& answer) {
  answer.emplace(co_await stop.guard(wire.send(std::move(request))));
}

TEST_F(curl_transport, a_cancelled_request_ends_at_once_and_the_next_one_works) {
  bool silent = true;
  serve([&](std::string_view) { return std::exchange(silent, false) ? reply{} : ok("hello"); });
  interrupt stop;
  wire_stage::outcome answer;
  stage->group.spawn(guarded(stop, *stage->wire, get(server->url()), answer));
  stage->run_until([&] { return !server->heads.empty(); });

  stop.raise();
  stage->run_until([&] { return answer.has_value(); });
  const auto next = stage->fetch(get(server->url()));

  EXPECT_EQ(answer->error().code(), errc::cancelled);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->body, "hello");
}

task<> thrown(http_transport& wire, http_request request, boost::system::error_code& code) {
  try {
    (void)co_await wire.send(std::move(request));
  } catch (const boost::system::system_error& aborted) {
    code = aborted.code();
  }
}

TEST_F(curl_transport, its_end_aborts_what_is_in_flight) {
  serve(silence);
  boost::system::error_code code;
  stage->group.spawn(thrown(*stage->wire, get(server->url()), code));
  stage->run_until([&] { return !server->heads.empty(); });

  stage->wire.reset();
  stage->run_until([&] { return code.failed(); });

  EXPECT_EQ(code, asio::error::operation_aborted);
}

TEST_F(curl_transport, lets_the_executor_rest_when_nothing_is_in_flight) {
  serve([](std::string_view) { return ok("bye", "Connection: close\r\n"); });
  (void)stage->fetch(get(server->url()));
  server->close();

  stage->io.run_for(20s);

  EXPECT_TRUE(stage->io.stopped()) << "the 30 s limit of a request that is over must not keep the program alive";
}

TEST_F(curl_transport, lets_the_executor_rest_while_connections_do) {
  asio::io_context of_the_server(1);
  task_group group(of_the_server.get_executor());
  tiny_server elsewhere(group, say_hello);
  const auto answer = stage->start(get(elsewhere.url()));
  for (int i = 0; i < 10'000 && !answer->has_value(); ++i) {
    stage->io.run_for(1ms);
    stage->io.restart();
    of_the_server.run_for(1ms);
  }
  ASSERT_TRUE(answer->has_value());

  stage->io.run_for(20s);

  EXPECT_TRUE(stage->io.stopped());
}

// 0.0.0.0 is this machine, and no loopback address: it is sent through proxies.
TEST_F(curl_transport, goes_through_the_proxy_of_the_targets_scheme) {
  serve([](std::string_view head) {
    return head.starts_with("CONNECT") ? reply{"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"} : ok("from the proxy");
  });
  stage->use({.ca_file = {},
              .proxy = server->url("me:word@127.0.0.1"),
              .http_proxy = server->url(),
              .no_proxy = {},
              .user_agent = {}});

  const auto plain = stage->fetch(get("http://0.0.0.0:1/x"));
  const auto secure = stage->fetch(get("https://0.0.0.0:1/x"));

  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->body, "from the proxy");
  EXPECT_THAT(server->heads[0], AllOf(StartsWith("GET http://0.0.0.0:1/x "), Not(HasSubstr("Proxy-Authorization"))));
  ASSERT_FALSE(secure);
  EXPECT_EQ(secure.error().code(), errc::unreachable);
  EXPECT_THAT(secure.error().what(), HasSubstr("through the proxy " + server->url() + ": "));
  EXPECT_THAT(server->heads[1], AllOf(StartsWith("CONNECT 0.0.0.0:1 "), HasSubstr("Proxy-Authorization: Basic")));
}

TEST_F(curl_transport, goes_past_the_proxy_to_hosts_named_in_no_proxy) {
  serve(say_hello);
  stage->use({.ca_file = {},
              .proxy = {},
              .http_proxy = "http://127.0.0.1:1",
              .no_proxy = "example.com, 0.0.0.0",
              .user_agent = {}});

  const auto answer = stage->fetch(get(server->url("0.0.0.0")));

  ASSERT_TRUE(answer) << answer.error().what();
  EXPECT_THAT(server->heads[0], StartsWith("GET / "));
}

TEST_F(curl_transport, never_sends_a_request_for_this_machine_through_a_proxy) {
  serve(say_hello);
  stage->use({.ca_file = {}, .proxy = {}, .http_proxy = "http://127.0.0.1:1", .no_proxy = {}, .user_agent = {}});

  EXPECT_TRUE(stage->fetch(get(server->url())));
}

TEST_F(curl_transport, reads_no_proxy_from_the_process_environment) {
  serve(say_hello);
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("no_proxy", "*", 1);
  stage->use({});

  const auto direct = stage->fetch(get(server->url("0.0.0.0")));
  stage->use({.ca_file = {}, .proxy = {}, .http_proxy = server->url(), .no_proxy = {}, .user_agent = {}});
  const auto proxied = stage->fetch(get("http://0.0.0.0:1/x"));
  ::unsetenv("http_proxy");
  ::unsetenv("no_proxy");

  EXPECT_TRUE(direct);
  EXPECT_TRUE(proxied);
}

}  // namespace
}  // namespace lifehook::aws
