#include "aws/credential_chain.h"

namespace lifehook::aws {

namespace {

class fixed_credentials final : public credential_provider {
 public:
  explicit fixed_credentials(credentials keys) : keys_(std::move(keys)) {}
  task<result<credentials>> get() override { co_return keys_; }
  void invalidate(const credentials&) override {}
  std::optional<time_point> expires() const override { return keys_.expires; }

 private:
  credentials keys_;
};

}  // namespace

std::unique_ptr<credential_provider> make_fixed_credentials(credentials keys) {
  return std::make_unique<fixed_credentials>(std::move(keys));
}

}  // namespace lifehook::aws
