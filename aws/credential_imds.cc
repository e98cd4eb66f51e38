#include "aws/credential_imds.h"

#include "aws/imds.h"

#include <random>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view role_path = "/latest/meta-data/iam/security-credentials/";

class imds_credentials final : public credential_source {
 public:
  explicit imds_credentials(credential_setting with) : with_(std::move(with)) {}

  task<result<credentials>> fetch() override {
    auto found = co_await ask();
    if (found) last_ = *found;
    if (!found && (!last_ || found.error().code() == errc::denied))
      co_return std::move(found).error().in("asking instance metadata for credentials");
    co_return extended(*last_);
  }

 private:
  task<result<credentials>> ask() {
    imds metadata(with_.wire, with_.env);
    auto role = co_await metadata.read(std::string(role_path));
    if (!role) co_return role.error().code() == errc::not_found ? no_role() : std::move(role).error();
    const auto name = role->substr(0, role->find_first_of("\r\n"));
    if (name.empty()) co_return no_role();
    auto text = co_await metadata.read(std::string(role_path) + name);
    if (!text) co_return std::move(text).error();
    co_return read_json_credentials(*text);
  }

  static error no_role() { return {errc::denied, "this instance has no role", {}}; }

  // So far ahead that the mandatory refresh, ten minutes before the end, comes in 2 to 10 minutes.
  credentials extended(credentials given) const {
    const duration ahead = 10min + std::chrono::seconds(std::uniform_int_distribution<int>(120, 600)(with_.random));
    const auto now = with_.time.wall_now();
    if (!given.expires || *given.expires - now >= ahead) return given;
    given.expires = now + ahead;
    return given;
  }

  credential_setting with_;
  std::optional<credentials> last_;
};

}  // namespace

std::unique_ptr<credential_source> make_imds_credentials(const credential_setting& with) {
  if (!imds_is_enabled(with.env)) return nullptr;
  return std::make_unique<imds_credentials>(with);
}

}  // namespace lifehook::aws
