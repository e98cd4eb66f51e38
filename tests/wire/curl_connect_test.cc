#include "tests/wire/tiny_server.h"
#include "tests/wire/two_addresses.h"
#include "tests/wire/wire_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

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
  answer.emplace(co_await stop.guard(wire.send(std::move(request))));
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

TEST(curl_connect, goes_on_with_the_next_address) {
  asio::io_context io(1);
  black_hole first;
  asio::ip::tcp::acceptor second(io, {second_address, first.port()});

  const auto tried = connect_to_both(io, "http", first.port());

  EXPECT_EQ(tried.how, CURLE_OK);
  EXPECT_LT(tried.took, 3s) << "not when the time is over";
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
