#include "aws/endpoint.h"

#include "aws/services.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

namespace lifehook::aws {
namespace {

environment with(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(endpoint, is_the_regional_host_of_the_service) {
  EXPECT_EQ(endpoint_url(services::sqs, "eu-west-1", with({})), "https://sqs.eu-west-1.amazonaws.com/");
  EXPECT_EQ(endpoint_url(services::sts, "ap-southeast-7", with({})), "https://sts.ap-southeast-7.amazonaws.com/");
}

TEST(endpoint, has_the_domain_of_its_partition) {
  EXPECT_EQ(endpoint_url(services::ecs, "cn-north-1", with({})), "https://ecs.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(endpoint_url(services::ecs, "eusc-de-east-1", with({})), "https://ecs.eusc-de-east-1.amazonaws.eu/");
  EXPECT_EQ(endpoint_url(services::ecs, "us-iso-east-1", with({})), "https://ecs.us-iso-east-1.c2s.ic.gov/");
  EXPECT_EQ(endpoint_url(services::ecs, "us-isob-east-1", with({})), "https://ecs.us-isob-east-1.sc2s.sgov.gov/");
  EXPECT_EQ(endpoint_url(services::ecs, "eu-isoe-west-1", with({})), "https://ecs.eu-isoe-west-1.cloud.adc-e.uk/");
  EXPECT_EQ(endpoint_url(services::ecs, "us-isof-south-1", with({})), "https://ecs.us-isof-south-1.csp.hci.ic.gov/");
}

TEST(endpoint, of_a_region_nobody_has_heard_of_is_taken_for_a_commercial_one) {
  EXPECT_EQ(partition_of("xx-middle-9").name, "aws");
  EXPECT_EQ(partition_of("us-east-1").name, "aws");
  EXPECT_EQ(partition_of("us-gov-east-1").name, "aws-us-gov");
}

TEST(endpoint, can_be_fips_dual_stack_or_both) {
  const auto fips = with({{"AWS_USE_FIPS_ENDPOINT", "true"}});
  const auto dual = with({{"AWS_USE_DUALSTACK_ENDPOINT", "True"}});
  const auto both = with({{"AWS_USE_FIPS_ENDPOINT", "true"}, {"AWS_USE_DUALSTACK_ENDPOINT", "true"}});

  EXPECT_EQ(endpoint_url(services::sqs, "us-east-1", fips), "https://sqs-fips.us-east-1.amazonaws.com/");
  EXPECT_EQ(endpoint_url(services::sqs, "us-east-1", dual), "https://sqs.us-east-1.api.aws/");
  EXPECT_EQ(endpoint_url(services::sqs, "us-east-1", both), "https://sqs-fips.us-east-1.api.aws/");
}

TEST(endpoint, is_fips_by_its_plain_name_in_govcloud_except_for_ecs) {
  const auto fips = with({{"AWS_USE_FIPS_ENDPOINT", "true"}});

  EXPECT_EQ(endpoint_url(services::sqs, "us-gov-west-1", fips), "https://sqs.us-gov-west-1.amazonaws.com/");
  EXPECT_EQ(endpoint_url(services::ecs, "us-gov-west-1", fips), "https://ecs-fips.us-gov-west-1.amazonaws.com/");
}

TEST(endpoint, is_taken_from_the_environment_the_services_own_first) {
  const auto env =
      with({{"AWS_ENDPOINT_URL", "http://localhost:4566"}, {"AWS_ENDPOINT_URL_SQS", "http://queue:9324/"}});

  EXPECT_EQ(endpoint_url(services::sqs, "eu-west-1", env), "http://queue:9324/");
  EXPECT_EQ(endpoint_url(services::autoscaling, "eu-west-1", env), "http://localhost:4566/");
}

TEST(endpoint, ignores_the_environment_when_told_so_and_when_it_is_empty) {
  const auto told =
      with({{"AWS_ENDPOINT_URL", "http://localhost:4566"}, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}});
  const auto empty = with({{"AWS_ENDPOINT_URL_SQS", ""}, {"AWS_ENDPOINT_URL", ""}});

  EXPECT_EQ(endpoint_url(services::sqs, "eu-west-1", told), "https://sqs.eu-west-1.amazonaws.com/");
  EXPECT_EQ(endpoint_url(services::sqs, "eu-west-1", empty), "https://sqs.eu-west-1.amazonaws.com/");
}

TEST(endpoint, knows_a_region_when_it_sees_one) {
  for (const auto* good : {"eu-west-1", "us-gov-west-1", "ap-southeast-12", "cn-north-1", "eusc-de-east-1"})
    EXPECT_TRUE(is_region(good)) << good;
  for (const auto* bad : {"", "eu-west", "eu-west-1a", "EU-WEST-1", "eu--1", "eu_west_1", "-1", "eu-west-",
                          "eu-west-111", "Ireland", "local", "eu west 1", "../x"})
    EXPECT_FALSE(is_region(bad)) << bad;
}

std::string complaint(std::map<std::string, std::string, std::less<>> variables) {
  const auto checked = check_environment(with(std::move(variables)));
  return checked ? std::string() : checked.error().what();
}

TEST(environment_check, takes_what_can_be_used_and_what_is_not_set) {
  EXPECT_EQ(complaint({}), "");
  EXPECT_EQ(complaint({{"AWS_REGION", ""}, {"AWS_ENDPOINT_URL", ""}}), "");
  for (const auto* region : {"eu-west-1", "us-gov-west-1", "eusc-de-east-1"})
    EXPECT_EQ(complaint({{"AWS_REGION", region}, {"AWS_DEFAULT_REGION", region}}), "") << region;
  for (const auto* url : {"http://localhost:4566", "https://vpce-0a1.sqs.eu-west-3.vpce.amazonaws.com/",
                          "http://[::1]:1", "http://moto_server:5000/base"})
    EXPECT_EQ(complaint({{"AWS_ENDPOINT_URL", url}, {"AWS_ENDPOINT_URL_SQS", url}}), "") << url;
}

TEST(environment_check, names_the_variable_of_a_region_that_is_none_and_what_to_write) {
  for (const auto* region :
       {"eu west 1", "eu-west-1 ", "eu-west-1/", "\"eu-west-1\"", "eu.west.1", "Ireland", "../x"}) {
    EXPECT_EQ(complaint({{"AWS_REGION", region}}),
              fmt::format("environment variable AWS_REGION: expected a region such as eu-west-1, got \"{}\"", region));
    EXPECT_THAT(complaint({{"AWS_DEFAULT_REGION", region}}), testing::HasSubstr("AWS_DEFAULT_REGION: "));
  }
  const std::string secret(40, 'k');
  EXPECT_THAT(complaint({{"AWS_REGION", secret}}), testing::Not(testing::HasSubstr(secret)));
}

TEST(environment_check, names_the_variable_of_an_endpoint_that_is_no_url_and_what_to_write) {
  for (const auto* url : {"localhost:4566", "http://", "http:///x", "ftp://host", "http://ho st", "http:// host",
                          "\"http://host\"", "http://:80", "http://host\n"})
    EXPECT_EQ(complaint({{"AWS_ENDPOINT_URL", url}}),
              "environment variable AWS_ENDPOINT_URL: expected a URL with http:// or https:// and a host, such as "
              "http://localhost:4566")
        << url;
  for (const auto* own : {"AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_AUTO_SCALING", "AWS_ENDPOINT_URL_ECS",
                          "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2",
                          "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SSM"})
    EXPECT_THAT(complaint({{own, "localhost"}}), testing::HasSubstr(std::string(own) + ": ")) << own;
}

TEST(environment_check, leaves_alone_what_is_not_used) {
  EXPECT_EQ(complaint({{"AWS_ENDPOINT_URL_S3", "localhost"}}), "");
  EXPECT_EQ(complaint({{"AWS_ENDPOINT_URL", "localhost"}, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}}), "");
}

}  // namespace
}  // namespace lifehook::aws
