#include "tests/wire/tiny_server.h"
#include "tests/wire/wire_stage.h"

#include <gmock/gmock.h>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/impl/src.hpp>

namespace lifehook::aws {
namespace {

using ::testing::HasSubstr;

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
  explicit tls_server(task_group& group, asio::ssl::context::method speaks = asio::ssl::context::tls_server)
      : tiny_server(group, [](std::string_view) { return ok("secret"); }), context_(server_context(speaks)) {}

  std::size_t resumed = 0;

 private:
  task<> serve(asio::ip::tcp::socket socket) override {
    asio::ssl::stream<asio::ip::tcp::socket> stream(std::move(socket), context_);
    auto shaking_hands = stream.async_handshake(asio::ssl::stream_base::server, as_result);
    const auto [failed] = co_await std::move(shaking_hands);
    if (failed) co_return;
    if (SSL_session_reused(stream.native_handle())) ++resumed;
    auto conversing = converse(stream);
    co_await std::move(conversing);
  }

  asio::ssl::context context_;
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

TEST(curl_tls, a_fresh_connection_resumes_the_session) {
  wire_stage stage(trusting(fixtures + "ca.pem"));
  tls_server server(stage.group);
  auto request = get(server.url("localhost", "https"));
  request.fresh_connection = true;

  for (int i = 0; i < 3; ++i) ASSERT_TRUE(stage.fetch(request));

  EXPECT_EQ(server.connections, 3U);
  EXPECT_GE(server.resumed, 1U);
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
