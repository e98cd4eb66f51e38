#include "aws/endpoint.h"

#include <boost/algorithm/string/predicate.hpp>

#include <array>
#include <utility>

namespace lifehook::aws {

namespace {

constexpr partition commercial{"aws", "amazonaws.com", "api.aws"};

constexpr std::array<std::pair<std::string_view, partition>, 7> partitions_by_prefix = {{
    {"cn-", {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"}},
    {"us-gov-", {"aws-us-gov", "amazonaws.com", "api.aws"}},
    {"eusc-", {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"}},
    {"us-iso-", {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov"}},
    {"us-isob-", {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"}},
    {"eu-isoe-", {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"}},
    {"us-isof-", {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"}},
}};

bool is_on(const environment& env, std::string_view name) {
  const auto value = env(name);
  return value && boost::algorithm::iequals(*value, "true");
}

std::string configured_url(const service& of, const environment& env) {
  if (is_on(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) return {};
  auto own = env(std::string("AWS_ENDPOINT_URL_").append(of.environment_id));
  if (own && !own->empty()) return *std::move(own);
  return env("AWS_ENDPOINT_URL").value_or("");
}

// In GovCloud the plain hosts of our services are FIPS already; ECS alone has a second name.
bool has_fips_name(const service& of, const partition& in, bool dual) {
  return in.name != "aws-us-gov" || dual || of.endpoint_prefix == "ecs";
}

}  // namespace

const partition& partition_of(std::string_view region) {
  for (const auto& [prefix, found] : partitions_by_prefix)
    if (region.starts_with(prefix)) return found;
  return commercial;
}

std::string endpoint_url(const service& of, std::string_view region, const environment& env) {
  if (auto url = configured_url(of, env); !url.empty()) {
    if (!url.ends_with('/')) url += '/';
    return url;
  }
  const auto& in = partition_of(region);
  const bool dual = is_on(env, "AWS_USE_DUALSTACK_ENDPOINT");
  const bool fips = is_on(env, "AWS_USE_FIPS_ENDPOINT") && has_fips_name(of, in, dual);
  std::string url("https://");
  url.append(of.endpoint_prefix).append(fips ? "-fips." : ".").append(region).append(".");
  return url.append(dual ? in.dual_suffix : in.suffix).append("/");
}

}  // namespace lifehook::aws
