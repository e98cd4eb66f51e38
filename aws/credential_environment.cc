#include "aws/credential_environment.h"

namespace lifehook::aws {

namespace {

class environment_credentials final : public credential_source {
 public:
  explicit environment_credentials(environment env) : env_(std::move(env)) {}

  task<result<credentials>> fetch() override {
    credentials found{variable(env_, "AWS_ACCESS_KEY_ID"),
                      variable(env_, "AWS_SECRET_ACCESS_KEY"),
                      variable(env_, "AWS_SESSION_TOKEN"),
                      {}};
    if (found.session_token.empty()) found.session_token = variable(env_, "AWS_SECURITY_TOKEN");
    if (found.access_key_id.empty() || found.secret_access_key.empty())
      co_return error{errc::denied, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together"};
    co_return found;
  }

 private:
  environment env_;
};

}  // namespace

std::unique_ptr<credential_source> make_environment_credentials(const credential_setting& with) {
  const auto& env = with.env;
  if (variable(env, "AWS_ACCESS_KEY_ID").empty() && variable(env, "AWS_SECRET_ACCESS_KEY").empty()) return nullptr;
  return std::make_unique<environment_credentials>(env);
}

}  // namespace lifehook::aws
