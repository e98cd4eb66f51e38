#include "aws/http_route.h"

#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

http_route route(std::string_view url, std::string proxy, std::string http_proxy, std::string no_proxy = {}) {
  return route_of(url, {.ca_file = {},
                        .proxy = std::move(proxy),
                        .http_proxy = std::move(http_proxy),
                        .no_proxy = std::move(no_proxy),
                        .user_agent = {}});
}

TEST(http_route, is_direct_without_a_proxy) {
  const auto found = route("https://me:word@sqs.eu-west-1.amazonaws.com:444/queue?q#f", "", "http://p:1");

  EXPECT_EQ(found, (http_route{.connect_to = "https://sqs.eu-west-1.amazonaws.com:444",
                               .proxy = {},
                               .forwarded = false,
                               .authorization = {}}));
}

TEST(http_route, of_one_origin_is_one_and_of_two_are_two) {
  EXPECT_EQ(route("http://h:1/a", "", ""), route("http://h:1/b?c", "", ""));
  EXPECT_NE(route("http://h:1/a", "", ""), route("http://h:2/a", "", ""));
  EXPECT_NE(route("http://h/a", "", ""), route("https://h/a", "", ""));
  EXPECT_NE(route("https://h/a", "http://p:1", ""), route("https://h/a", "", ""));
}

TEST(http_route, to_https_is_a_tunnel) {
  const auto found = route("https://h/", "http://me:word@p:1", "");

  EXPECT_EQ(found.connect_to, "https://h");
  EXPECT_EQ(found.proxy, "http://me:word@p:1");
  EXPECT_FALSE(found.forwarded);
}

TEST(http_route, to_http_is_forwarded_by_the_proxy) {
  const auto found = route("http://h/", "", "http://me:wo%40rd@p:1/");

  EXPECT_EQ(found.connect_to, "http://p:1");
  EXPECT_EQ(found.proxy, "");
  EXPECT_TRUE(found.forwarded);
  EXPECT_EQ(found.authorization, "Basic bWU6d29AcmQ=") << "me:wo@rd";
  EXPECT_EQ(route("http://h/", "", "http://me@p:1").authorization, "Basic bWU6") << "me:";
  EXPECT_EQ(route("http://h/", "", "p:1").authorization, "");
}

TEST(http_route, reads_a_proxy_as_curl_does) {
  EXPECT_EQ(route("http://h/", "", "p:3128").connect_to, "http://p:3128");
  EXPECT_EQ(route("http://h/", "", "p").connect_to, "http://p:1080");
  EXPECT_EQ(route("http://h/", "", "http://[fd00::1]").connect_to, "http://[fd00::1]:1080");
  EXPECT_EQ(route("http://h/", "", "http://[fd00::1]:3128").connect_to, "http://[fd00::1]:3128");
  EXPECT_EQ(route("http://h/", "", "https://p").connect_to, "https://p");
  EXPECT_EQ(route("http://h/", "", "HTTPS://p").connect_to, "https://p");
  EXPECT_EQ(route("http://h/", "", "SOCKS5://p").proxy, "SOCKS5://p");
  EXPECT_EQ(route("HTTPS://h/", "http://p:1", "").proxy, "http://p:1");
}

TEST(http_route, through_a_socks_proxy_is_a_tunnel_for_all) {
  const auto found = route("http://h/", "", "socks5h://p:1080");

  EXPECT_EQ(found.connect_to, "http://h");
  EXPECT_EQ(found.proxy, "socks5h://p:1080");
  EXPECT_FALSE(found.forwarded);
}

TEST(http_route, goes_past_the_proxy_where_no_proxy_says_so) {
  EXPECT_FALSE(route("http://h.example/", "", "http://p:1", "example").forwarded);
  EXPECT_EQ(route("https://10.1.2.3/", "http://p:1", "", "10.0.0.0/8").proxy, "");
}

}  // namespace
}  // namespace lifehook::aws
