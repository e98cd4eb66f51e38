#include "aws/endpoint.h"

#include "aws/services.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace lifehook::aws
