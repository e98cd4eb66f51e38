#include "aws/credential_chain.h"
#include "aws/imds.h"
#include "aws/profile_files.h"

#include <boost/algorithm/string/trim.hpp>

namespace lifehook::aws {

namespace {

// What the environment and the files say; empty when nothing.
result<std::string> configured_region(const environment& env) {
  for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (auto value = env(name); value && !value->empty()) return *std::move(value);
  const auto files = read_profiles(env);
  if (!files) return files.error();
  const auto found = files->find(profile_name(env));
  return found == files->end() ? std::string() : std::string(setting(found->second, "region"));
}

}  // namespace

task<result<std::string>> find_region(clock&, http_transport& wire, environment env) {
  auto configured = configured_region(env);
  if (!configured) co_return std::move(configured).error().in("looking for the region");
  if (!configured->empty()) co_return configured;
  std::string why = "switched off";
  if (imds_is_enabled(env)) {
    imds metadata(wire, env);
    auto reading = metadata.read("/latest/meta-data/placement/region");
    auto found = co_await std::move(reading);
    if (found) boost::algorithm::trim(*found);
    if (found && !found->empty()) co_return found;
    why = found ? "says nothing" : found.error().what();
  }
  co_return error{
      errc::denied,
      "no region; set region in the configuration or AWS_REGION (the profile names none; instance metadata: " + why +
          ")",
      {}};
}

}  // namespace lifehook::aws
