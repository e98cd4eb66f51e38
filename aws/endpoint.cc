#include "aws/endpoint.h"

#include "aws/curl_target.h"
#include "aws/services.h"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>
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

std::string variable_of(const service& of) { return std::string("AWS_ENDPOINT_URL_").append(of.environment_id); }

std::string configured_url(const service& of, const environment& env) {
  if (is_on(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) return {};
  auto own = env(variable_of(of));
  if (own && !own->empty()) return *std::move(own);
  return env("AWS_ENDPOINT_URL").value_or("");
}

// In GovCloud the plain hosts of our services are FIPS already; ECS alone has a second name.
bool has_fips_name(const service& of, const partition& in, bool dual) {
  return in.name != "aws-us-gov" || dual || of.endpoint_prefix == "ecs";
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool is_host(std::string_view text) {
  constexpr std::string_view others = "-._:";  // a colon is an IPv6 address's
  return !text.empty() && std::all_of(text.begin(), text.end(), [others](char c) {
    return is_letter_or_digit(c) || others.find(c) != others.npos;
  });
}

bool is_endpoint(std::string_view url) {
  const bool known_scheme = url.starts_with("http://") || url.starts_with("https://");
  const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return known_scheme && printable && is_host(host_of(url));
}

error unusable(std::string_view variable, std::string_view expected) {
  return {errc::rejected, std::string("environment variable ").append(variable).append(": ").append(expected)};
}

// What may be shown: a longer one may be a secret that slipped into the wrong variable.
bool is_short_text(std::string_view text) {
  constexpr std::size_t longest = 32;
  return text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

result<> check_region(const environment& env, std::string_view variable) {
  const auto region = env(variable).value_or("");
  if (region.empty() || is_region(region)) return {};
  const auto got = is_short_text(region) ? ", got \"" + region + "\"" : std::string();
  return unusable(variable, "expected a region such as eu-west-1" + got);
}

result<> check_endpoint(const environment& env, std::string_view variable) {
  const auto url = env(variable).value_or("");
  if (url.empty() || is_endpoint(url)) return {};
  return unusable(variable, "expected a URL with http:// or https:// and a host, such as http://localhost:4566");
}

}  // namespace

bool is_region(std::string_view text) {
  constexpr std::size_t longest = 32;
  if (text.size() > longest) return false;
  unsigned words = 0;
  for (auto dash = text.find('-'); dash != text.npos; dash = text.find('-')) {
    if (!is_word(text.substr(0, dash))) return false;
    text.remove_prefix(dash + 1);
    ++words;
  }
  return words >= 2 && is_number(text);
}

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

result<> check_environment(const environment& env) {
  for (const auto* const variable : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (auto checked = check_region(env, variable); !checked) return checked;
  if (is_on(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) return {};
  if (auto checked = check_endpoint(env, "AWS_ENDPOINT_URL"); !checked) return checked;
  for (const auto* const each : all_services)
    if (auto checked = check_endpoint(env, variable_of(*each)); !checked) return checked;
  return {};
}

}  // namespace lifehook::aws
