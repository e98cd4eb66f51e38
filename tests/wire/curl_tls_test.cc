#include "tests/wire/tiny_server.h"
#include "tests/wire/two_addresses.h"
#include "tests/wire/wire_stage.h"

#include <gmock/gmock.h>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/impl/src.hpp>

namespace lifehook::aws {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string fixtures = LIFEHOOK_SOURCE "/tests/data/tls/";

asio::ssl::context server_context(asio::ssl::context::method speaks) {
  asio::ssl::context context(speaks);
  context.use_certificate_chain_file(fixtures + "server.pem");
  context.use_private_key_file(fixtures + "server.key", asio::ssl::context::pem);
  return context;
}

// Its certificate is for "localhost", not for 127.0.0.1.
class tls_server final : public tiny_server {
 public:
  explicit tls_server(
      task_group& group, asio::ssl::context::method speaks = asio::ssl::context::tls_server,
      answer_call answer = [](std::string_view) { return ok("secret"); },
      const asio::ip::tcp::endpoint& at = {asio::ip::address_v4::loopback(), 0})
      : tiny_server(group, std::move(answer), at), context_(server_context(speaks)) {}

  std::size_t resumed = 0;

 private:
  task<> serve(asio::ip::tcp::socket socket) override {
    asio::ssl::stream<asio::ip::tcp::socket> stream(std::move(socket), context_);
    const auto [failed] = co_await stream.async_handshake(asio::ssl::stream_base::server, as_result);
    if (failed) co_return;
    if (SSL_session_reused(stream.native_handle())) ++resumed;
    co_await converse(stream);
  }

  asio::ssl::context context_;
};

// A proxy that tunnels: whatever is asked for, it connects to one port of this machine.
class tunnel final : public tiny_server {
 public:
  tunnel(task_group& group, unsigned port)
      : tiny_server(group, [](std::string_view) { return reply{}; }), port_(static_cast<unsigned short>(port)) {}

 private:
  using socket = asio::ip::tcp::socket;
  using shared_socket = std::shared_ptr<socket>;

  task<> serve(socket accepted) override {
    asio::streambuf bytes;
    const auto [broken, size] = co_await asio::async_read_until(accepted, bytes, "\r\n\r\n", as_result);
    heads.emplace_back(static_cast<const char*>(bytes.data().data()), size);
    const auto near = std::make_shared<socket>(std::move(accepted));
    const auto far = std::make_shared<socket>(group_.executor());
    const auto [failed] = co_await far->async_connect({asio::ip::address_v4::loopback(), port_}, as_result);
    if (broken || failed) co_return;
    co_await asio::async_write(*near, asio::buffer(std::string_view("HTTP/1.1 200 Go\r\n\r\n")), as_result);
    group_.spawn(carry(near, far));
    group_.spawn(carry(far, near));
  }
  static task<> carry(shared_socket from, shared_socket to) {
    std::array<char, 4096> bytes{};
    for (;;) {
      const auto [ended, size] = co_await from->async_read_some(asio::buffer(bytes), as_result);
      if (ended) break;
      co_await asio::async_write(*to, asio::buffer(bytes.data(), size), as_result);
    }
    boost::system::error_code closed;
    to->shutdown(asio::socket_base::shutdown_send, closed);
  }

  unsigned short port_;
};

curl_settings trusting(const std::string& ca_file) {
  curl_settings with;
  with.ca_file = ca_file;
  return patient(with);
}

TEST(curl_tls, a_server_known_to_the_bundle_is_trusted_and_its_connection_reused) {
  wire_stage stage(trusting(fixtures + "ca.pem"));
  tls_server server(stage.group);

  for (int i = 0; i < 5; ++i) {
    const auto answer = stage.fetch(get(server.url("localhost", "https")));
    ASSERT_TRUE(answer) << answer.error().what();
    EXPECT_EQ(answer->body, "secret");
  }

  EXPECT_EQ(server.connections, 1U);
}

TEST(curl_tls, carries_more_than_a_record_both_ways) {
  wire_stage stage(trusting(fixtures + "ca.pem"));
  const std::string much(3'000'000, 'm');
  tls_server server(stage.group, asio::ssl::context::tls_server, [&](std::string_view) { return ok(much); });

  const auto answer =
      stage.fetch({.method = "POST", .url = server.url("localhost", "https"), .headers = {}, .body = much + much});

  ASSERT_TRUE(answer) << answer.error().what();
  EXPECT_EQ(answer->body, much);
  EXPECT_EQ(server.bodies[0], much + much);
}

TEST(curl_tls, a_connection_that_dies_unanswered_is_replaced_if_it_had_rested) {
  wire_stage stage(trusting(fixtures + "ca.pem"));
  bool dies = false;
  tls_server server(stage.group, asio::ssl::context::tls_server, [&](std::string_view) {
    return std::exchange(dies, false) ? reply{"", afterwards::reset} : ok("secret");
  });
  ASSERT_TRUE(stage.fetch(get(server.url("localhost", "https"))));

  dies = true;
  const auto answer = stage.fetch(get(server.url("localhost", "https")));

  ASSERT_TRUE(answer) << answer.error().what();
  EXPECT_EQ(server.connections, 2U);
  EXPECT_EQ(server.heads.size(), 3U);
}

TEST(curl_tls, goes_on_with_the_next_address) {
  wire_stage stage;
  black_hole first;
  tls_server second(stage.group, asio::ssl::context::tls_server, [](std::string_view) { return reply{}; },
                    {second_address, first.port()});

  const auto tried = connect_to_both(stage.io, "https", first.port());

  EXPECT_EQ(tried.how, CURLE_OK);
  EXPECT_LT(tried.took, std::chrono::seconds(3)) << "not when the time is over";
}

TEST(curl_tls, a_fresh_connection_resumes_the_session) {
  wire_stage stage(trusting(fixtures + "ca.pem"));
  tls_server server(stage.group);
  auto request = get(server.url("localhost", "https"));
  request.fresh_connection = true;

  for (int i = 0; i < 3; ++i) ASSERT_TRUE(stage.fetch(request));

  EXPECT_EQ(server.connections, 3U);
  EXPECT_GE(server.resumed, 1U);
}

// "localhost." is this machine, and to us no name of it: it is sent through proxies.
TEST(curl_tls, goes_through_a_tunnel_and_verifies_who_is_at_its_end) {
  wire_stage stage;
  tls_server server(stage.group);
  tunnel proxy(stage.group, server.port());
  auto with = trusting(fixtures + "ca.pem");
  with.proxy = proxy.url("me:word@127.0.0.1");
  stage.use(with);

  for (int i = 0; i < 3; ++i) {
    const auto answer = stage.fetch(get(server.url("localhost.", "https") + "x"));
    ASSERT_TRUE(answer) << answer.error().what();
    EXPECT_EQ(answer->body, "secret");
  }
  const auto another = stage.fetch(get(server.url("0.0.0.0", "https")));

  EXPECT_FALSE(another) << "its certificate is not for 0.0.0.0";
  EXPECT_EQ(proxy.connections, 2U) << "one for each of the two";
  EXPECT_THAT(proxy.heads[0], AllOf(StartsWith(fmt::format("CONNECT localhost.:{} ", server.port())),
                                    HasSubstr("Proxy-Authorization: Basic bWU6d29yZA==")));
  EXPECT_THAT(server.heads[0], AllOf(StartsWith("GET /x "), Not(HasSubstr("Proxy-Authorization"))));
  EXPECT_EQ(server.heads.size(), 3U);
}

TEST(curl_tls, a_proxy_may_be_spoken_to_by_tls) {
  wire_stage stage;
  tls_server proxy(stage.group);
  auto with = trusting(fixtures + "ca.pem");
  with.http_proxy = proxy.url("me:word@localhost", "https");
  stage.use(with);

  const auto answer = stage.fetch(get("http://0.0.0.0:1/x"));

  ASSERT_TRUE(answer) << answer.error().what();
  EXPECT_THAT(proxy.heads[0],
              AllOf(StartsWith("GET http://0.0.0.0:1/x "), HasSubstr("Proxy-Authorization: Basic bWU6d29yZA==")));
}

TEST(curl_tls, a_server_no_system_authority_knows_is_refused) {
  wire_stage stage;
  tls_server server(stage.group);

  const auto answer = stage.fetch(get(server.url("localhost", "https")));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
  EXPECT_THAT(answer.error().what(), HasSubstr("certificate"));
  EXPECT_TRUE(server.heads.empty());
}

TEST(curl_tls, a_certificate_for_another_host_is_refused) {
  wire_stage stage(trusting(fixtures + "ca.pem"));
  tls_server server(stage.group);

  const auto answer = stage.fetch(get(server.url("127.0.0.1", "https")));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
  EXPECT_TRUE(server.heads.empty());
}

TEST(curl_tls, versions_below_1_2_are_refused) {
  wire_stage stage(trusting(fixtures + "ca.pem"));
  tls_server server(stage.group, asio::ssl::context::tlsv11_server);

  EXPECT_FALSE(stage.fetch(get(server.url("localhost", "https"))));
}

TEST(curl_tls, a_bundle_that_is_not_there_is_unreachable_not_unverified) {
  wire_stage stage(trusting("/nowhere/ca.pem"));
  tls_server server(stage.group);

  const auto answer = stage.fetch(get(server.url("localhost", "https")));

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), errc::unreachable);
}

}  // namespace
}  // namespace lifehook::aws
