#include "aws/http_request_text.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string text_of(http_request request, const http_route& by = {}) {
  return *request_text(request, by, "lifehook/1");
}

TEST(request_text, is_the_request_and_nothing_else) {
  EXPECT_EQ(text_of({.method = "POST",
                     .url = "https://sqs.eu-west-1.amazonaws.com/queue?q=1#fragment",
                     .headers = {{"X-Amz-Target", "AmazonSQS.ReceiveMessage"}, {"X-Empty", ""}},
                     .body = "{}"}),
            "POST /queue?q=1 HTTP/1.1\r\n"
            "Host: sqs.eu-west-1.amazonaws.com\r\n"
            "User-Agent: lifehook/1\r\n"
            "X-Amz-Target: AmazonSQS.ReceiveMessage\r\n"
            "X-Empty:\r\n"
            "Content-Length: 2\r\n"
            "\r\n"
            "{}");
}

TEST(request_text, names_the_host_as_it_is_signed) {
  const auto host_line = [](std::string url) {
    const auto text = text_of({.method = "GET", .url = std::move(url), .headers = {}, .body = {}});
    const auto begin = text.find("Host: ") + 6;
    return text.substr(begin, text.find("\r\n", begin) - begin);
  };

  EXPECT_EQ(host_line("https://a.example:443/"), "a.example");
  EXPECT_EQ(host_line("http://a.example:8080"), "a.example:8080");
  EXPECT_EQ(host_line("http://[fd00:ec2::254]/latest"), "[fd00:ec2::254]");
  EXPECT_EQ(host_line("http://me:word@a.example/"), "a.example");
}

TEST(request_text, has_a_length_unless_the_method_has_no_body) {
  EXPECT_THAT(text_of({.method = "PUT", .url = "http://h/", .headers = {}, .body = {}}),
              HasSubstr("\r\nContent-Length: 0\r\n\r\n"));
  for (const auto* method : {"GET", "HEAD"})
    EXPECT_THAT(text_of({.method = method, .url = "http://h/", .headers = {}, .body = {}}),
                Not(HasSubstr("Content-Length")));
}

TEST(request_text, for_a_forwarding_proxy_names_the_whole_url_and_who_asks) {
  const auto text =
      text_of({.method = "GET", .url = "http://me:word@h:81/x?y", .headers = {}, .body = {}},
              {.connect_to = "http://p:1", .proxy = {}, .forwarded = true, .authorization = "Basic eA=="});

  EXPECT_THAT(text, StartsWith("GET http://h:81/x?y HTTP/1.1\r\nHost: h:81\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nProxy-Authorization: Basic eA==\r\n"));
}

TEST(request_text, refuses_what_breaks_out_of_its_line) {
  const http_request sound{.method = "GET", .url = "http://h/", .headers = {}, .body = {}};
  const auto is_refused = [](const http_request& request) {
    const auto text = request_text(request, {}, "x");
    return text.has_error() && text.error().code() == errc::internal;
  };

  ASSERT_FALSE(is_refused(sound));
  for (const auto& method : {std::string(), std::string("GET / HTTP/1.1\r\nX-Evil: 1"), std::string("GET ")}) {
    auto request = sound;
    request.method = method;
    EXPECT_TRUE(is_refused(request)) << method;
  }
  for (const auto& url : {std::string(), std::string("http://h/ HTTP/1.1"), std::string("http://h/\r\nX-Evil: 1"),
                          std::string("http://h/\0", 10)}) {
    auto request = sound;
    request.url = url;
    EXPECT_TRUE(is_refused(request)) << url;
  }
  for (const auto& header : http_headers{{"X-A", "b\r\nX-Evil: 1"},
                                         {"X-A\nX-Evil", "1"},
                                         {"X-A", std::string("b\0c", 3)},
                                         {"X-A:b", "1"},
                                         {"X A", "1"},
                                         {"", "1"}}) {
    auto request = sound;
    request.headers = {header};
    EXPECT_TRUE(is_refused(request)) << header.first;
  }
}

}  // namespace
}  // namespace lifehook::aws
