#include "worker/config_syntax.h"

#include <gmock/gmock.h>

namespace lifehook::worker {
namespace {

TEST(config_syntax, knows_what_can_be_a_cluster) {
  for (const auto* good : {"prod", "Prod_1-blue", "0"}) EXPECT_TRUE(is_cluster(good)) << good;
  for (const auto* bad :
       {"", "prod x", "prod*", "a/b", "prod.eu", "arn:aws:ecs:eu-west-1:111122223333:cluster/prod", "arn:prod"})
    EXPECT_FALSE(is_cluster(bad)) << bad;
  EXPECT_TRUE(is_cluster(std::string(255, 'a')));
  EXPECT_FALSE(is_cluster(std::string(256, 'a')));
}

TEST(config_syntax, takes_only_names_that_are_safe_as_metric_labels) {
  for (const auto* good : {"web", "Web_1.blue-green", "0"}) EXPECT_TRUE(is_group_name(good)) << good;
  for (const auto* bad : {"", "web group", "web\n", "wéb", "web*"}) EXPECT_FALSE(is_group_name(bad)) << bad;
  EXPECT_TRUE(is_group_name(std::string(64, 'a')));
  EXPECT_FALSE(is_group_name(std::string(65, 'a')));
}

TEST(config_syntax, takes_the_queue_urls_of_aws_and_of_its_stand_ins) {
  for (const auto* good :
       {"https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle",
        "https://eu-west-1.queue.amazonaws.com/111122223333/q",
        "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/a_b-c", "http://localhost:4566/000000000000/lifecycle"})
    EXPECT_TRUE(check_queue_url(good).has_value()) << good;
}

TEST(config_syntax, refuses_what_is_no_queue_url) {
  for (const auto* bad :
       {"", "lifecycle", "arn:aws:sqs:eu-west-1:111122223333:lifecycle",
        "https://sqs.eu-west-1.amazonaws.com/lifecycle", "https://sqs.eu-west-1.amazonaws.com/1111/lifecycle",
        "https://sqs.eu-west-1.amazonaws.com/111122223333/", "https://sqs.eu-west-1.amazonaws.com/111122223333/a/b",
        "https://u:p@host/111122223333/q", "https:///111122223333/q", "https://host:99999/111122223333/q",
        "https://host:/111122223333/q", "ftp://host/111122223333/q", "https://host/111122223333/q?x=y"})
    EXPECT_FALSE(check_queue_url(bad).has_value()) << bad;
}

TEST(config_syntax, says_why_a_fifo_queue_cannot_serve) {
  const auto checked = check_queue_url("https://sqs.eu-west-1.amazonaws.com/111122223333/lifecycle.fifo");

  ASSERT_FALSE(checked.has_value());
  EXPECT_THAT(checked.error().what(), testing::HasSubstr("FIFO"));
}

TEST(config_syntax, reads_an_address_to_listen_on) {
  const auto four = parse_listen("0.0.0.0:80");
  const auto six = parse_listen("[::1]:0");

  ASSERT_TRUE(four.has_value() && six.has_value());
  EXPECT_EQ(four->address, "0.0.0.0");
  EXPECT_EQ(four->port, 80);
  EXPECT_EQ(six->address, "::1");
  EXPECT_EQ(six->port, 0);
}

TEST(config_syntax, refuses_names_and_ports_out_of_range_to_listen_on) {
  for (const auto* bad : {"", ":9464", "9464", "localhost:9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                          "127.0.0.1:-1", "::1:80", "[127.0.0.1]:80", "127.0.0.1:80 "})
    EXPECT_FALSE(parse_listen(bad).has_value()) << bad;
}

}  // namespace
}  // namespace lifehook::worker
