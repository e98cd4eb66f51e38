#include "aws/credential_web_identity.h"

#include "aws/credential_sts.h"
#include "aws/text_file.h"

#include <boost/algorithm/string/trim.hpp>

namespace lifehook::aws {

namespace {

constexpr std::string_view token_file = "web_identity_token_file";

// The variables win over the profile, each for itself.
profile settings_of(const environment& env) {
  const auto files = read_profiles(env);
  profile settings;
  if (files)
    if (const auto found = files->find(profile_name(env)); found != files->end()) settings = found->second;
  const auto override_by = [&](std::string_view name, std::string_view env_name) {
    if (auto value = variable(env, env_name); !value.empty()) settings[std::string(name)] = std::move(value);
  };
  override_by(token_file, "AWS_WEB_IDENTITY_TOKEN_FILE");
  override_by("role_arn", "AWS_ROLE_ARN");
  override_by("role_session_name", "AWS_ROLE_SESSION_NAME");
  return settings;
}

class web_identity_credentials final : public credential_source {
 public:
  explicit web_identity_credentials(credential_setting with) : with_(std::move(with)) {}

  task<result<credentials>> fetch() override { return fetch_web_identity(with_, settings_of(with_.env)); }

 private:
  credential_setting with_;
};

}  // namespace

task<result<credentials>> fetch_web_identity(credential_setting with, profile settings) {
  role_to_assume role{.arn = std::string(setting(settings, "role_arn")),
                      .external_id = {},
                      .duration_seconds = std::string(setting(settings, "duration_seconds"))};
  if (role.arn.empty()) co_return error{errc::denied, "a web identity needs AWS_ROLE_ARN, or role_arn in the profile"};
  if (const auto name = setting(settings, "role_session_name"); !name.empty()) role.session_name = name;
  auto token = read_text_file(std::string(setting(settings, token_file)));
  if (!token) co_return error{errc::denied, "reading the web identity token: " + token.error().what()};
  boost::algorithm::trim(*token);
  co_return co_await assume_role_with_web_identity(std::move(with), std::move(role), *std::move(token));
}

std::unique_ptr<credential_source> make_web_identity_credentials(const credential_setting& with) {
  if (setting(settings_of(with.env), token_file).empty()) return nullptr;
  return std::make_unique<web_identity_credentials>(with);
}

}  // namespace lifehook::aws
