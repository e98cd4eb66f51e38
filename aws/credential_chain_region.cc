#include "aws/credential_chain.h"
#include "aws/endpoint.h"
#include "aws/imds.h"
#include "aws/profile_files.h"

#include <boost/algorithm/string/trim.hpp>

namespace lifehook::aws {

namespace {

result<std::string> checked(std::string region, const std::string& source) {
  if (is_region(region)) return region;
  return error{errc::rejected, source + ": expected a region such as eu-west-1, got \"" + region.substr(0, 60) + "\""};
}

}  // namespace

result<std::string> configured_region(const environment& env) {
  for (const std::string name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (auto value = env(name); value && !value->empty())
      return checked(*std::move(value), "environment variable " + name);
  const auto files = read_profiles(env);
  if (!files) return files.error();
  const auto profile = profile_name(env);
  const auto found = files->find(profile);
  std::string region(found == files->end() ? std::string_view() : setting(found->second, "region"));
  if (region.empty()) return region;
  return checked(std::move(region), "region of profile " + profile);
}

task<result<std::string>> find_region(http_transport& wire, environment env) {
  auto configured = configured_region(env);
  if (!configured) co_return std::move(configured).error().in("looking for the region");
  if (!configured->empty()) co_return configured;
  std::string why = "switched off";
  if (imds_is_enabled(env)) {
    imds metadata(wire, env);
    auto found = co_await metadata.read("/latest/meta-data/placement/region");
    if (found) boost::algorithm::trim(*found);
    if (found && !found->empty()) co_return checked(*std::move(found), "region of the instance metadata");
    why = found ? "says nothing" : found.error().what();
  }
  co_return error{
      errc::denied,
      "no region; set region in the configuration or AWS_REGION (the profile names none; instance metadata: " + why +
          ")",
      {}};
}

}  // namespace lifehook::aws
