#include "aws/credential_profile.h"

#include "aws/credential_environment.h"
#include "aws/credential_web_identity.h"
#include "tests/aws/credential_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

result<profile_plan> plan(std::string_view config, std::string_view name) {
  return plan_profile(parse_profiles(config, profile_syntax::config).value(), name);
}

TEST(profile_plans, roles_are_followed_to_the_profile_that_holds_keys) {
  const auto found = plan(
      "[profile a]\nrole_arn=A\nsource_profile=b\n[profile b]\nrole_arn=B\nsource_profile=c\n"
      "[profile c]\naws_access_key_id=K\naws_secret_access_key=S\n",
      "a");

  ASSERT_TRUE(found) << found.error().what();
  ASSERT_EQ(found->roles.size(), 2U);
  EXPECT_EQ(setting(found->roles.back(), "role_arn"), "B");
  EXPECT_EQ(setting(found->keys, "aws_access_key_id"), "K");
}

TEST(profile_plans, a_role_may_take_the_keys_of_its_own_profile) {
  const auto found =
      plan("[profile a]\nrole_arn=A\nsource_profile=a\naws_access_key_id=K\naws_secret_access_key=S\n", "a");

  ASSERT_TRUE(found) << found.error().what();
  EXPECT_EQ(found->roles.size(), 1U);
}

TEST(profile_plans, what_cannot_work_is_denied_with_the_reason) {
  const std::pair<const char*, const char*> cases[] = {
      {"[profile a]\nrole_arn=A\nsource_profile=b\n[profile b]\nrole_arn=B\nsource_profile=a\n", "circle"},
      {"[profile a]\nrole_arn=A\nsource_profile=a\n", "circle"},
      {"[profile a]\nrole_arn=A\n", "one of source_profile and credential_source"},
      {"[profile a]\nrole_arn=A\nsource_profile=b\ncredential_source=Environment\n", "one of"},
      {"[profile a]\nrole_arn=A\nsource_profile=gone\n", "\"gone\": is in neither"},
      {"[profile a]\nrole_arn=A\ncredential_source=Moon\n", "Ec2InstanceMetadata"},
      {"[profile a]\nrole_arn=A\ncredential_source=Environment\nmfa_serial=m\n", "mfa_serial"},
      {"[profile a]\nrole_arn=A\ncredential_source=Environment\nduration_seconds=1h\n", "900 to 43200"},
      {"[profile a]\ncredential_process=/bin/keys\n", "credential_process is not supported"},
      {"[profile a]\nsso_session=s\n", "sso_session is not supported"},
      {"[profile a]\naws_access_key_id=K\n", "without aws_secret_access_key"},
      {"[profile a]\nregion=r\n", "no aws_access_key_id"}};
  for (const auto& [config, why] : cases) {
    const auto found = plan(config, "a");
    ASSERT_FALSE(found) << config;
    EXPECT_EQ(found.error().code(), errc::denied);
    EXPECT_THAT(found.error().what(), HasSubstr(why));
  }
}

using environment_credentials = credential_stage;

TEST_F(environment_credentials, are_the_variables_of_the_sdks) {
  variables = {{"AWS_ACCESS_KEY_ID", "K"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_SECURITY_TOKEN", "old"}};
  EXPECT_EQ(fetch(make_environment_credentials).value(), (credentials{"K", "S", "old", {}}));

  variables["AWS_SESSION_TOKEN"] = "T";
  EXPECT_EQ(fetch(make_environment_credentials).value(), (credentials{"K", "S", "T", {}}));
}

TEST_F(environment_credentials, one_key_alone_is_denied_and_none_is_not_configured) {
  EXPECT_EQ(make_environment_credentials(setting()), nullptr);

  variables["AWS_ACCESS_KEY_ID"] = "K";
  EXPECT_EQ(fetch(make_environment_credentials).error().code(), errc::denied);
}

using profile_credentials = credential_stage;

TEST_F(profile_credentials, keys_are_those_of_the_profile_in_use_as_they_are_now) {
  file(".aws/credentials", "[web]\naws_access_key_id=K\naws_secret_access_key=S\naws_session_token=T\n");
  variables["AWS_PROFILE"] = "web";
  const auto source = make_key_profile_credentials(setting());

  EXPECT_EQ(world.wait_for(source->fetch()).value(), (credentials{"K", "S", "T", {}}));
  file(".aws/credentials", "[web]\naws_access_key_id=K2\naws_secret_access_key=S2\n");
  EXPECT_EQ(world.wait_for(source->fetch()).value(), (credentials{"K2", "S2", "", {}}));
}

TEST_F(profile_credentials, a_profile_asked_for_by_name_must_exist) {
  EXPECT_EQ(make_key_profile_credentials(setting()), nullptr);

  variables["AWS_PROFILE"] = "gone";
  const auto found = fetch(make_key_profile_credentials);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::denied);
  EXPECT_THAT(found.error().what(), HasSubstr("\"gone\""));
}

TEST_F(profile_credentials, a_profile_of_a_region_alone_is_no_source) {
  file(".aws/config", "[default]\nregion=r\n");

  EXPECT_EQ(make_key_profile_credentials(setting()), nullptr);
  EXPECT_EQ(make_role_profile_credentials(setting()), nullptr);
}

TEST_F(profile_credentials, a_role_is_assumed_with_a_signed_call_and_its_settings) {
  file(".aws/config",
       "[default]\nrole_arn=arn:aws:iam::1:role/r\ncredential_source=Environment\nexternal_id=e/x\n"
       "role_session_name=me\nduration_seconds=900\n");
  variables["AWS_ACCESS_KEY_ID"] = "AKIABASE";
  variables["AWS_SECRET_ACCESS_KEY"] = "S";
  wire.answer(200, sts_answer("AssumeRole", "ASIAROLE", 15min));

  const auto found = fetch(make_role_profile_credentials);

  ASSERT_TRUE(found) << found.error().what();
  EXPECT_EQ(found->access_key_id, "ASIAROLE");
  EXPECT_EQ(*found->expires, world.clock.now() + 15min);
  const auto& sent = wire.requests()[0];
  EXPECT_EQ(sent.url, "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(sent.body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=me"
            "&DurationSeconds=900&ExternalId=e%2Fx");
  EXPECT_THAT(header_of(sent, "authorization"),
              AllOf(HasSubstr("AKIABASE/"), HasSubstr("/eu-west-1/sts/aws4_request")));
}

TEST_F(profile_credentials, a_chain_of_roles_is_assumed_from_its_far_end) {
  file(".aws/config",
       "[default]\nrole_arn=near\nsource_profile=mid\n[profile mid]\nrole_arn=far\nsource_profile=base\n"
       "[profile base]\naws_access_key_id=K\naws_secret_access_key=S\n");
  wire.answer(200, sts_answer("AssumeRole", "ASIAFAR", 1h)).answer(200, sts_answer("AssumeRole", "ASIANEAR", 1h));

  const auto found = fetch(make_role_profile_credentials);

  ASSERT_TRUE(found) << found.error().what();
  EXPECT_EQ(found->access_key_id, "ASIANEAR");
  EXPECT_THAT(wire.requests()[0].body, HasSubstr("RoleArn=far"));
  EXPECT_THAT(wire.requests()[1].body, HasSubstr("RoleArn=near"));
  EXPECT_THAT(header_of(wire.requests()[1], "authorization"), HasSubstr("ASIAFAR/"));
  EXPECT_EQ(header_of(wire.requests()[1], "x-amz-security-token"), "t");
}

TEST_F(profile_credentials, an_sts_that_does_not_answer_is_asked_three_times_then_unreachable) {
  file(".aws/config",
       "[default]\nrole_arn=r\nsource_profile=b\n[profile b]\naws_access_key_id=K\naws_secret_access_key=S\n");
  wire.fail(errc::unreachable).answer(503, "busy").fail(errc::unreachable);

  const auto found = fetch(make_role_profile_credentials);

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::unreachable);
  EXPECT_EQ(wire.requests().size(), 3U);
}

TEST_F(profile_credentials, a_refusal_of_sts_is_denied_and_asked_once) {
  file(".aws/config",
       "[default]\nrole_arn=r\nsource_profile=b\n[profile b]\naws_access_key_id=K\naws_secret_access_key=S\n");
  for (const auto* code : {"AccessDenied", "ValidationError", "ExpiredToken", "MalformedPolicyDocument"})
    wire.answer(403, sts_fault(code));

  for (std::size_t i = 1; i <= 4; ++i) {
    const auto found = fetch(make_role_profile_credentials);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), errc::denied) << found.error().aws_code();
    EXPECT_THAT(found.error().what(), HasSubstr("assuming r"));
    EXPECT_EQ(wire.requests().size(), i);
  }
}

TEST_F(profile_credentials, a_role_is_assumed_by_the_clock_of_sts_where_ours_is_wrong) {
  file(".aws/config",
       "[default]\nrole_arn=r\nsource_profile=b\n[profile b]\naws_access_key_id=K\naws_secret_access_key=S\n");
  wire.answer(403, sts_fault("SignatureDoesNotMatch", "Signature expired"),
              {{"date", "Thu, 15 Jan 2026 13:00:00 GMT"}});
  wire.answer(200, sts_answer("AssumeRole", "ASIAROLE", 1h));

  const auto found = fetch(make_role_profile_credentials);

  ASSERT_TRUE(found) << found.error().what();
  EXPECT_EQ(header_of(wire.requests()[1], "x-amz-date"), "20260115T130000Z");
}

using web_identity = credential_stage;

TEST_F(web_identity, is_assumed_with_the_token_of_the_file_unsigned) {
  variables = {{"AWS_ROLE_ARN", "arn:r"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", file("token", "ey.J.x\n")}};
  wire.answer(200, sts_answer("AssumeRoleWithWebIdentity", "ASIAWEB", 1h))
      .answer(200, sts_answer("AssumeRoleWithWebIdentity", "B", 1h));
  const auto source = make_web_identity_credentials(setting());

  const auto found = world.wait_for(source->fetch());
  file("token", "fresh");
  (void)world.wait_for(source->fetch());

  ASSERT_TRUE(found) << found.error().what();
  EXPECT_EQ(found->access_key_id, "ASIAWEB");
  EXPECT_EQ(wire.requests()[0].body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=lifehook"
            "&WebIdentityToken=ey.J.x");
  EXPECT_EQ(header_of(wire.requests()[0], "authorization"), "");
  EXPECT_THAT(wire.requests()[1].body, HasSubstr("WebIdentityToken=fresh"));
}

TEST_F(web_identity, of_a_profile_is_used_too_and_variables_win) {
  const auto token = file("token", "T");
  file(".aws/config", "[default]\nrole_arn=profiles\nrole_session_name=name\nweb_identity_token_file=" + token + "\n");
  variables["AWS_ROLE_ARN"] = "variables";
  wire.answer(200, sts_answer("AssumeRoleWithWebIdentity", "A", 1h));

  EXPECT_EQ(make_role_profile_credentials(setting()), nullptr);
  ASSERT_TRUE(fetch(make_web_identity_credentials));
  EXPECT_THAT(wire.requests()[0].body, HasSubstr("RoleArn=variables&RoleSessionName=name&"));
}

TEST_F(web_identity, an_identity_provider_in_trouble_is_asked_again) {
  variables = {{"AWS_ROLE_ARN", "r"}, {"AWS_WEB_IDENTITY_TOKEN_FILE", file("token", "T")}};
  wire.answer(400, sts_fault("IDPCommunicationError")).answer(200, sts_answer("AssumeRoleWithWebIdentity", "A", 1h));

  EXPECT_TRUE(fetch(make_web_identity_credentials));
}

TEST_F(web_identity, without_role_or_token_file_is_denied) {
  variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere"}};
  EXPECT_THAT(fetch(make_web_identity_credentials).error().what(), HasSubstr("AWS_ROLE_ARN"));

  variables["AWS_ROLE_ARN"] = "r";
  const auto found = fetch(make_web_identity_credentials);
  EXPECT_EQ(found.error().code(), errc::denied);
  EXPECT_THAT(found.error().what(), HasSubstr("/nowhere"));
}

}  // namespace
}  // namespace lifehook::aws
