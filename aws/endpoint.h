#pragma once

#include "aws/client.h"

#include <string>
#include <string_view>

namespace lifehook::aws {

// Whether it has the form AWS gives to regions: eu-west-1, us-gov-west-1. Wherever one comes from: it goes into host
// names and signatures.
bool is_region(std::string_view text);

// A family of regions with a domain of its own.
struct partition {
  std::string_view name;         // "aws", "aws-cn"...
  std::string_view suffix;       // "amazonaws.com"
  std::string_view dual_suffix;  // "api.aws"
};

// By the region's prefix; regions nobody has heard of yet are taken for "aws".
const partition& partition_of(std::string_view region);

// Where a service answers: "https://sqs.eu-west-1.amazonaws.com/", always with the slash. Honours AWS_ENDPOINT_URL,
// AWS_ENDPOINT_URL_<SERVICE>, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT
// as the SDKs do.
std::string endpoint_url(const service& of, std::string_view region, const environment& env);

// Whether AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> can be used. rejected: `what`
// names the variable and says what to write.
result<> check_environment(const environment& env);

}  // namespace lifehook::aws
