#include "aws/credential_profile.h"

#include "aws/credential_container.h"
#include "aws/credential_environment.h"
#include "aws/credential_imds.h"
#include "aws/credential_sts.h"
#include "aws/credential_web_identity.h"

#include <ranges>

namespace lifehook::aws {

namespace {

role_to_assume role_of(const profile& settings) {
  role_to_assume role{.arn = std::string(setting(settings, "role_arn")),
                      .external_id = std::string(setting(settings, "external_id")),
                      .duration_seconds = std::string(setting(settings, "duration_seconds"))};
  if (const auto name = setting(settings, "role_session_name"); !name.empty()) role.session_name = name;
  return role;
}

std::unique_ptr<credential_source> named_source(const credential_setting& with, std::string_view name) {
  if (name == "Environment") return make_environment_credentials(with);
  if (name == "EcsContainer") return make_container_credentials(with);
  return make_imds_credentials(with);
}

task<result<credentials>> fetch_from(credential_setting with, std::string name) {
  const auto source = named_source(with, name);
  if (!source) co_return error{errc::denied, "credential_source = " + name + " is not configured here"};
  co_return co_await source->fetch();
}

task<result<credentials>> fetch_keys(credential_setting with, profile settings) {
  if (setting(settings, "aws_access_key_id").empty())
    co_return co_await fetch_web_identity(std::move(with), std::move(settings));
  co_return credentials{std::string(setting(settings, "aws_access_key_id")),
                        std::string(setting(settings, "aws_secret_access_key")),
                        std::string(setting(settings, "aws_session_token")),
                        {}};
}

result<profile_plan> plan_in_use(const environment& env) {
  const auto files = read_profiles(env);
  if (!files) return files.error();
  return plan_profile(*files, profile_name(env));
}

class profile_credentials final : public credential_source {
 public:
  explicit profile_credentials(credential_setting with) : with_(std::move(with)) {}

  task<result<credentials>> fetch() override {
    const auto plan = plan_in_use(with_.env);
    if (!plan) co_return plan.error();
    const bool from_keys = plan->credential_source.empty();
    auto found = co_await (from_keys ? fetch_keys(with_, plan->keys) : fetch_from(with_, plan->credential_source));
    for (const auto& settings : plan->roles | std::views::reverse) {
      if (!found) co_return found;
      found = co_await assume_role(with_, role_of(settings), *std::move(found));
    }
    co_return found;
  }

 private:
  credential_setting with_;
};

// Without a name asked for, a default profile that says nothing of credentials is not a configured source.
bool says_nothing(const profile& settings) {
  for (const std::string_view name : {"aws_access_key_id", "role_arn", "web_identity_token_file", "credential_process",
                                      "sso_session", "sso_start_url", "login_session"})
    if (!setting(settings, name).empty()) return false;
  return true;
}

bool is_named(const environment& env) {
  return !variable(env, "AWS_PROFILE").empty() || !variable(env, "AWS_DEFAULT_PROFILE").empty();
}

}  // namespace

std::unique_ptr<credential_source> make_role_profile_credentials(const credential_setting& with) {
  const auto files = read_profiles(with.env);
  if (!files) return nullptr;
  const auto found = files->find(profile_name(with.env));
  if (found == files->end() || setting(found->second, "role_arn").empty()) return nullptr;
  if (!setting(found->second, "web_identity_token_file").empty()) return nullptr;
  return std::make_unique<profile_credentials>(with);
}

std::unique_ptr<credential_source> make_key_profile_credentials(const credential_setting& with) {
  const auto files = read_profiles(with.env);
  if (files) {
    const auto found = files->find(profile_name(with.env));
    if (found == files->end() && !is_named(with.env)) return nullptr;
    if (found != files->end() && says_nothing(found->second)) return nullptr;
  }
  return std::make_unique<profile_credentials>(with);
}

}  // namespace lifehook::aws
