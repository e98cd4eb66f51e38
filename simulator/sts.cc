#include "simulator/sts.h"

#include "base/number.h"
#include "base/time_text.h"
#include "simulator/query_xml.h"

#include <fmt/format.h>

namespace lifehook::simulator {
namespace {

using parameters = std::map<std::string, std::string>;

constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string random_text(random_source& random, std::size_t length) {
  std::string text;
  while (text.size() < length) text.push_back(capitals[random() & 31]);
  return text;
}

std::string_view find(const parameters& in, const std::string& name) {
  const auto at = in.find(name);
  return at == in.end() ? std::string_view() : std::string_view(at->second);
}

fault invalid(std::string_view message) { return {400, "ValidationError", std::string(message)}; }

// The part of arn:aws:iam::ID:role/path/NAME that an assumed role's arn names.
std::string_view role_name(std::string_view arn) { return arn.substr(arn.rfind('/') + 1); }

struct session {
  std::string_view role;
  std::string_view name;
  std::chrono::seconds length;
};

boost::system::result<session, fault> read_session(const parameters& asked) {
  const auto role = find(asked, "RoleArn");
  if (!role.starts_with("arn:") || role.find(":role/") == std::string_view::npos)
    return invalid(fmt::format("{} is invalid", role));
  const auto name = find(asked, "RoleSessionName");
  if (name.size() < 2 || name.size() > 64)
    return invalid("1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint");
  const auto written = find(asked, "DurationSeconds");
  const int length = written.empty() ? 3600 : parse_number<int>(written).value_or(0);
  if (length < 900 || length > 43200)
    return invalid("1 validation error detected: Value at 'durationSeconds' failed to satisfy constraint");
  return session{role, name, std::chrono::seconds(length)};
}

class simulated_sts final : public sts {
 public:
  simulated_sts(clock& time, account owner, std::uint64_t seed)
      : clock_(time), owner_(std::move(owner)), random_(seed) {}

  std::string_view name() const override { return "sts"; }
  std::vector<std::string_view> actions() const override {
    return {"GetCallerIdentity", "AssumeRole", "AssumeRoleWithWebIdentity"};
  }
  task<answered> handle(request asked) override { co_return decide(asked); }

 private:
  answered decide(const request& asked) {
    if (asked.action == "GetCallerIdentity") return identity();
    if (asked.action == "AssumeRole") return assume(asked.query, {});
    if (asked.action != "AssumeRoleWithWebIdentity")
      return fault{400, "InvalidAction",
                   fmt::format("Could not find operation {} for version 2011-06-15", asked.action)};
    if (find(asked.query, "WebIdentityToken").size() < 4)
      return fault{400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT"};
    return assume(asked.query, "system:serviceaccount:default:lifehook");
  }

  answered identity() const {
    query_xml xml;
    xml.text("Arn", fmt::format("arn:aws:iam::{}:user/simulator", owner_.id));
    xml.text("UserId", "AIDASIMULATORSENDER00").text("Account", owner_.id);
    return answer{nullptr, std::move(xml).take()};
  }

  answered assume(const parameters& asked, std::string_view subject) {
    const auto wanted = read_session(asked);
    if (wanted.has_error()) return wanted.error();
    query_xml xml;
    const auto role_id = "AROA" + random_text(random_, 17);
    xml.open("AssumedRoleUser");
    xml.text("AssumedRoleId", fmt::format("{}:{}", role_id, wanted->name));
    xml.text("Arn",
             fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", owner_.id, role_name(wanted->role), wanted->name));
    xml.close("AssumedRoleUser").open("Credentials");
    xml.text("AccessKeyId", "ASIA" + random_text(random_, 16)).text("SecretAccessKey", random_text(random_, 40));
    xml.text("SessionToken", "FwoGZXIvYXdz" + random_text(random_, 240));
    xml.text("Expiration", to_rfc3339(clock_.now() + wanted->length)).close("Credentials");
    if (!subject.empty()) xml.text("SubjectFromWebIdentityToken", subject);
    return answer{nullptr, std::move(xml).take()};
  }

  clock& clock_;
  account owner_;
  random_source random_;
};

}  // namespace

std::unique_ptr<service> sts::make(clock& time, account owner, std::uint64_t seed) {
  return std::make_unique<simulated_sts>(time, std::move(owner), seed);
}

}  // namespace lifehook::simulator
