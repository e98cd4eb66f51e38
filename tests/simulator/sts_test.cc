#include "simulator/sts.h"

#include "base/task_group.h"

#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using testing::HasSubstr;

class sts_test : public testing::Test {
 protected:
  static task<> ask(service& of, request asked, std::optional<answered>& into) {
    into = co_await of.handle(std::move(asked));
  }
  answered call(std::string action, std::map<std::string, std::string> query = {}) {
    std::optional<answered> said;
    tasks.spawn(ask(*tokens, {"sts", std::move(action), {}, std::move(query)}, said));
    io.restart();
    io.run();
    return said.value();
  }

  asio::io_context io{1};
  virtual_clock time{time_point{} + std::chrono::days(20000)};
  std::unique_ptr<service> tokens = sts::make(time, {}, 1);
  task_group tasks{io.get_executor()};
};

const std::string role = "arn:aws:iam::111122223333:role/team/worker";

TEST_F(sts_test, tells_who_is_calling) {
  EXPECT_THAT(call("GetCallerIdentity")->xml, HasSubstr("<Account>111122223333</Account>"));
}

TEST_F(sts_test, an_assumed_role_gets_credentials_that_end) {
  const auto xml =
      call("AssumeRole", {{"RoleArn", role}, {"RoleSessionName", "night"}, {"DurationSeconds", "900"}})->xml;

  EXPECT_THAT(xml, HasSubstr("<AccessKeyId>ASIA"));
  EXPECT_THAT(xml, HasSubstr("<Expiration>2024-10-04T00:15:00.000Z</Expiration>"));
  EXPECT_THAT(xml, HasSubstr("<Arn>arn:aws:sts::111122223333:assumed-role/worker/night</Arn>"));
}

TEST_F(sts_test, each_session_has_keys_of_its_own) {
  const std::map<std::string, std::string> asked{{"RoleArn", role}, {"RoleSessionName", "night"}};

  EXPECT_NE(call("AssumeRole", asked)->xml, call("AssumeRole", asked)->xml);
}

TEST_F(sts_test, a_web_identity_needs_its_token) {
  std::map<std::string, std::string> asked{{"RoleArn", role}, {"RoleSessionName", "night"}};

  EXPECT_EQ(call("AssumeRoleWithWebIdentity", asked).error().code, "InvalidIdentityToken");
  asked["WebIdentityToken"] = "header.claims.seal";
  EXPECT_THAT(call("AssumeRoleWithWebIdentity", asked)->xml, HasSubstr("<SubjectFromWebIdentityToken>"));
}

TEST_F(sts_test, what_is_no_role_session_or_duration_is_refused) {
  EXPECT_EQ(call("AssumeRole", {{"RoleArn", "web"}, {"RoleSessionName", "night"}}).error().code, "ValidationError");
  EXPECT_EQ(call("AssumeRole", {{"RoleArn", role}, {"RoleSessionName", "n"}}).error().code, "ValidationError");
  EXPECT_EQ(
      call("AssumeRole", {{"RoleArn", role}, {"RoleSessionName", "night"}, {"DurationSeconds", "899"}}).error().code,
      "ValidationError");
  EXPECT_EQ(call("Dance").error().code, "InvalidAction");
}

}  // namespace
}  // namespace lifehook::simulator
