#include "aws/credential_container.h"

#include "tests/aws/credential_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

using container_credentials = credential_stage;

TEST_F(container_credentials, a_relative_uri_is_asked_at_the_task_address) {
  variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/x";
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://localhost/other";
  wire.answer(200, json_keys("ASIA1", 6h));

  const auto found = fetch(make_container_credentials);

  ASSERT_TRUE(found) << found.error().what();
  EXPECT_EQ(*found,
            (credentials{"ASIA1", "s", "t", std::chrono::floor<std::chrono::milliseconds>(world.clock.now() + 6h)}));
  EXPECT_EQ(wire.requests()[0].method, "GET");
  EXPECT_EQ(wire.requests()[0].url, "http://169.254.170.2/v2/credentials/x");
  EXPECT_EQ(header_of(wire.requests()[0], "authorization"), "");
}

TEST_F(container_credentials, the_token_file_wins_and_is_read_anew_at_each_refresh) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "plain";
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = file("token", "first");
  wire.answer(200, json_keys("A", 6h)).answer(200, json_keys("B", 6h));
  const auto source = make_container_credentials(setting());

  (void)world.wait_for(source->fetch());
  file("token", "second");
  (void)world.wait_for(source->fetch());

  EXPECT_EQ(header_of(wire.requests()[0], "authorization"), "first");
  EXPECT_EQ(header_of(wire.requests()[1], "authorization"), "second");
}

TEST_F(container_credentials, a_token_with_a_line_break_is_denied_unsent) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://localhost/";
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "t\r\nHost: evil";

  const auto found = fetch(make_container_credentials);

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::denied);
  EXPECT_THAT(found.error().what(), Not(HasSubstr("evil")));
  EXPECT_TRUE(wire.requests().empty());
}

TEST(container_hosts, only_this_machine_and_the_addresses_of_aws_are_asked_without_tls) {
  for (const auto* url : {"https://anywhere.example/x", "http://localhost:1/x", "http://127.0.0.5/", "http://[::1]/",
                          "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1"})
    EXPECT_TRUE(may_ask_container(url)) << url;
  for (const auto* url :
       {"http://example.com/", "http://169.254.169.254/", "http://127.0.0.1.evil.com/", "ftp://localhost/",
        "http://localhost@evil.com/", "http://localhost\\@evil.com/", "http://localhost:80@evil.com/",
        "http://[::1]@evil.com/", "http://10.0.0.1/", "localhost", ""})
    EXPECT_FALSE(may_ask_container(url)) << url;
}

TEST_F(container_credentials, a_foreign_host_is_denied_unasked) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://evil.example/";

  const auto found = fetch(make_container_credentials);

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::denied);
  EXPECT_TRUE(wire.requests().empty());
}

TEST_F(container_credentials, an_endpoint_that_does_not_answer_is_asked_three_times) {
  variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  wire.fail(errc::timeout).answer(503, "").answer(200, json_keys("A", 6h));

  const auto found = fetch(make_container_credentials);

  EXPECT_TRUE(found);
  EXPECT_EQ(wire.requests().size(), 3U);
  EXPECT_GE(wire.times()[2] - wire.times()[0], 1s);
}

TEST_F(container_credentials, a_refusal_is_denied_and_asked_once) {
  variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  wire.answer(403, "no");

  const auto found = fetch(make_container_credentials);

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::denied);
  EXPECT_EQ(wire.requests().size(), 1U);
}

TEST_F(container_credentials, an_answer_without_keys_is_malformed_and_not_repeated_to_the_reader) {
  variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  wire.answer(200, R"({"AccessKeyId":"AKIAHIDDEN"})").answer(200, "<html>AKIAHIDDEN");

  for (int i = 0; i < 2; ++i) {
    const auto found = fetch(make_container_credentials);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), errc::malformed);
    EXPECT_THAT(found.error().what(), Not(HasSubstr("HIDDEN")));
  }
}

}  // namespace
}  // namespace lifehook::aws
