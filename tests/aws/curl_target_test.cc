#include "aws/curl_target.h"

#include <gtest/gtest.h>

namespace lifehook::aws {
namespace {

TEST(curl_target, shows_scheme_and_host_and_nothing_secret) {
  EXPECT_EQ(shown_target("https://ecs.eu-west-1.amazonaws.com/"), "https://ecs.eu-west-1.amazonaws.com/");
  EXPECT_EQ(shown_target("http://me:word@host:8080/v2/credentials?q#f"), "http://host:8080/");
  EXPECT_EQ(shown_target("https://host?X-Amz-Signature=s@x"), "https://host/");
  EXPECT_EQ(shown_target(""), "/");
}

TEST(curl_target, finds_the_host_as_curl_does) {
  EXPECT_EQ(host_of("https://sqs.eu-west-1.amazonaws.com:443/x"), "sqs.eu-west-1.amazonaws.com");
  EXPECT_EQ(host_of("http://[fd00:ec2::254]:80/latest"), "fd00:ec2::254");
  EXPECT_EQ(host_of("http://localhost@evil.com/"), "evil.com");
  EXPECT_EQ(host_of("http://localhost\\@evil.com/"), "evil.com");
}

TEST(curl_target, takes_the_proxy_of_the_scheme) {
  const curl_settings with{.ca_file = {}, .proxy = "s", .http_proxy = "p", .no_proxy = {}, .user_agent = {}};

  EXPECT_EQ(proxy_for("https://sqs.amazonaws.com/", with), "s");
  EXPECT_EQ(proxy_for("http://sqs.amazonaws.com/", with), "p");
}

TEST(curl_target, goes_directly_to_what_hands_out_credentials) {
  const curl_settings with{.ca_file = {}, .proxy = "s", .http_proxy = "p", .no_proxy = {}, .user_agent = {}};

  for (const auto* near : {"http://169.254.169.254/", "http://169.254.170.2/x", "http://169.254.170.23/v1",
                           "http://[fd00:ec2::254]/", "http://[fd00:ec2::23]:80/v1", "http://localhost:1/",
                           "https://127.0.0.1:1/", "http://[::1]/", "http://[fe80::1]/"})
    EXPECT_EQ(proxy_for(near, with), "") << near;
  for (const auto* far :
       {"http://169.254.example.com/", "http://10.0.0.1/", "http://[2001:db8::1]/", "http://fd00.example/"})
    EXPECT_EQ(proxy_for(far, with), "p") << far;
}

TEST(curl_target, shows_the_proxy_without_its_password) {
  const curl_settings with{.ca_file = {},
                           .proxy = "http://me:word@proxy.internal:3128",
                           .http_proxy = "plain.internal:8080",
                           .no_proxy = {},
                           .user_agent = {}};

  EXPECT_EQ(shown_proxy("https://sqs.eu-west-1.amazonaws.com/", with), "http://proxy.internal:3128/");
  EXPECT_EQ(shown_proxy("http://sqs.eu-west-1.amazonaws.com/", with), "plain.internal:8080/");
  EXPECT_EQ(shown_proxy("http://169.254.169.254/", with), "");
  for (const auto* broken : {"http://me:p#ss@proxy.internal:3128", "http://me:p/s@s@proxy.internal:3128"})
    EXPECT_EQ(shown_proxy("https://sqs.amazonaws.com/",
                          {.ca_file = {}, .proxy = broken, .http_proxy = {}, .no_proxy = {}, .user_agent = {}}),
              "http://proxy.internal:3128/");
}

TEST(curl_target, shows_no_proxy_for_hosts_that_no_proxy_names) {
  const auto shown = [](std::string_view url, std::string no_proxy) {
    return shown_proxy(
        url,
        {.ca_file = {}, .proxy = "http://p:1", .http_proxy = {}, .no_proxy = std::move(no_proxy), .user_agent = {}});
  };

  for (const auto* names :
       {"amazonaws.com", ".amazonaws.com", "example.com, .AmazonAWS.com", "*", "localhost,sqs.eu-west-1.amazonaws.com"})
    EXPECT_EQ(shown("https://sqs.eu-west-1.amazonaws.com/", names), "") << names;
  for (const auto* others : {"", "aws.com", "ecs.eu-west-1.amazonaws.com", "x.sqs.eu-west-1.amazonaws.com", ", ,"})
    EXPECT_EQ(shown("https://sqs.eu-west-1.amazonaws.com/", others), "http://p:1/") << others;
}

TEST(curl_target, reads_addresses_and_networks_in_no_proxy) {
  const auto goes_past = [](std::string_view url, std::string no_proxy) {
    const curl_settings with{
        .ca_file = {}, .proxy = {}, .http_proxy = "http://p:1", .no_proxy = std::move(no_proxy), .user_agent = {}};
    return proxy_for(url, with).empty();
  };

  EXPECT_TRUE(goes_past("http://10.1.2.3:80/", "192.168.0.0/16,10.0.0.0/8"));
  EXPECT_TRUE(goes_past("http://10.1.2.3/", "10.1.2.3"));
  EXPECT_TRUE(goes_past("http://10.1.2.3/", "10.1.2.3/32"));
  EXPECT_TRUE(goes_past("http://[2001:db8::1]/", "2001:db8::/32"));
  EXPECT_TRUE(goes_past("http://[2001:db8::1]/", "2001:DB8:0::1"));
  for (const auto* others : {"11.0.0.0/8", "2.3", ".1.2.3", "10.0.0.0/", "10.0.0.0/99", "fd00::/8", "10.1.2"})
    EXPECT_FALSE(goes_past("http://10.1.2.3/", others)) << others;
}

TEST(curl_target, finds_the_user_a_url_names) {
  EXPECT_EQ(user_of("http://me:wo%40rd@host:1/x@y"), "me:wo@rd");
  EXPECT_EQ(user_of("me@host"), "me");
  EXPECT_EQ(user_of("https://host/?a@b"), "");
}

TEST(curl_target, knows_what_a_connection_is_made_to) {
  EXPECT_EQ(origin_of("https://me:word@h:444/p?q#f"), "https://h:444");
  EXPECT_EQ(origin_of("http://[::1]:80"), "http://[::1]:80");
  EXPECT_EQ(origin_of("proxy.internal:3128"), "http://proxy.internal:3128");
}

}  // namespace
}  // namespace lifehook::aws
