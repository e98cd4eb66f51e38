#include "aws/credential_profile.h"

#include "base/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lifehook::aws {

namespace {

error denied(std::string_view name, std::string_view why) {
  return {errc::denied, fmt::format("profile \"{}\": {}", name, why), {}};
}

bool has(const profile& settings, std::string_view name) { return !setting(settings, name).empty(); }

bool has_keys(const profile& settings) { return has(settings, "aws_access_key_id"); }

bool is_web_identity(const profile& settings) { return has(settings, "web_identity_token_file"); }

result<> check_role(const profile& role, std::string_view name) {
  const bool from_profile = has(role, "source_profile");
  if (from_profile == has(role, "credential_source"))
    return denied(name, "role_arn needs one of source_profile and credential_source");
  if (has(role, "mfa_serial")) return denied(name, "mfa_serial is not supported: nobody is there to type the code");
  const auto text = setting(role, "duration_seconds");
  const auto seconds = parse_number<unsigned>(text).value_or(0);
  if (!text.empty() && (seconds < 900 || seconds > 43200)) return denied(name, "duration_seconds must be 900 to 43200");
  return {};
}

result<> check_keys(const profile& settings, std::string_view name) {
  if (has_keys(settings) && !has(settings, "aws_secret_access_key"))
    return denied(name, "aws_access_key_id without aws_secret_access_key");
  if (has_keys(settings) || is_web_identity(settings)) return {};
  for (const std::string_view unsupported : {"credential_process", "sso_session", "sso_start_url", "login_session"})
    if (has(settings, unsupported))
      return denied(name, fmt::format("{} is not supported; give keys, a role or a web identity", unsupported));
  return denied(name, "no aws_access_key_id, role_arn or web_identity_token_file");
}

bool is_known_source(std::string_view source) {
  constexpr std::array<std::string_view, 3> known = {"Environment", "EcsContainer", "Ec2InstanceMetadata"};
  return std::ranges::find(known, source) != known.end();
}

}  // namespace

result<profile_plan> plan_profile(const profiles& among, std::string_view name) {
  profile_plan plan;
  std::vector<std::string_view> visited;
  for (auto at = name;;) {
    const auto found = among.find(at);
    if (found == among.end()) return denied(at, "is in neither of the profile files");
    const auto& settings = found->second;
    // A role may take its keys from its own profile: source_profile then names that profile itself.
    const bool seen = std::ranges::find(visited, at) != visited.end();
    const bool is_role = has(settings, "role_arn") && !is_web_identity(settings) && !seen;
    if (seen && !(visited.back() == at && has_keys(settings))) return denied(at, "source_profile turns in a circle");
    if (!is_role) {
      if (auto keys = check_keys(settings, at); !keys) return std::move(keys).error();
      plan.keys = settings;
      return plan;
    }
    if (auto role = check_role(settings, at); !role) return std::move(role).error();
    visited.push_back(at);
    plan.roles.push_back(settings);
    plan.credential_source = setting(settings, "credential_source");
    if (is_known_source(plan.credential_source)) return plan;
    if (!plan.credential_source.empty())
      return denied(at, "credential_source must be Environment, EcsContainer or Ec2InstanceMetadata");
    at = setting(settings, "source_profile");
  }
}

}  // namespace lifehook::aws
