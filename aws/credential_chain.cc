#include "aws/credential_chain.h"

#include "aws/credential_cache.h"
#include "aws/credential_container.h"
#include "aws/credential_environment.h"
#include "aws/credential_imds.h"
#include "aws/credential_profile.h"
#include "aws/credential_web_identity.h"

#include <array>

namespace lifehook::aws {

namespace {

struct link {
  std::string_view place;
  credential_factory make;
};

constexpr std::array<link, 6> links = {{
    {"the environment (AWS_ACCESS_KEY_ID)", make_environment_credentials},
    {"the profile's role (role_arn in ~/.aws/config)", make_role_profile_credentials},
    {"a web identity (AWS_WEB_IDENTITY_TOKEN_FILE)", make_web_identity_credentials},
    {"the profile's keys (~/.aws/credentials, ~/.aws/config)", make_key_profile_credentials},
    {"the container endpoint (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI)",
     make_container_credentials},
    {"instance metadata (EC2)", make_imds_credentials},
}};

// The first source that is configured. It stays: with another one, in the midst of a trouble, we would be someone else.
class credential_chain final : public credential_source {
 public:
  explicit credential_chain(credential_setting with) : with_(std::move(with)) {}

  task<result<credentials>> fetch() override {
    if (!chosen_) {
      const auto& last = links.back();
      for (const auto& each : links) {
        chosen_ = each.make(with_);
        if (!chosen_) continue;
        is_last_resort_ = each.make == last.make;
        break;
      }
    }
    if (!chosen_) co_return nothing("switched off (AWS_EC2_METADATA_DISABLED)");
    auto found = co_await chosen_->fetch();
    found_once_ = found_once_ || found.has_value();
    if (found || found_once_) co_return found;
    chosen_.reset();  // what is configured may change until something has worked
    // Nobody asked for instance metadata: that it does not answer means there is nothing anywhere.
    if (is_last_resort_) co_return nothing(found.error().what());
    co_return found;
  }

 private:
  static error nothing(std::string_view of_the_last) {
    std::string what("no credentials; looked at ");
    for (const auto& each : links) what.append(each.place).append(&each == &links.back() ? ": " : ", ");
    return {errc::denied, what.append(of_the_last), {}};
  }

  credential_setting with_;
  std::unique_ptr<credential_source> chosen_;
  bool is_last_resort_ = false;
  bool found_once_ = false;
};

class fixed_credentials final : public credential_provider {
 public:
  explicit fixed_credentials(credentials keys) : keys_(std::make_shared<const credentials>(std::move(keys))) {}

  std::shared_ptr<const credentials> at_hand() const override { return keys_; }
  task<result<credentials>> get() override { co_return *keys_; }
  void invalidate(const credentials&) override {}
  std::optional<time_point> expires() const override { return keys_->expires; }

 private:
  std::shared_ptr<const credentials> keys_;
};

}  // namespace

std::unique_ptr<credential_provider> make_default_credentials(clock& time, http_transport& wire, environment env,
                                                              std::string region, random_source& random) {
  if (region.empty()) region = "us-east-1";  // where STS is, for roles assumed before the region is known
  credential_setting with{time, wire, std::move(env), std::move(region), random};
  return std::make_unique<credential_cache>(time, std::make_unique<credential_chain>(std::move(with)));
}

std::unique_ptr<credential_provider> make_fixed_credentials(credentials keys) {
  return std::make_unique<fixed_credentials>(std::move(keys));
}

}  // namespace lifehook::aws
