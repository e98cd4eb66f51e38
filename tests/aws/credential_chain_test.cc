#include "aws/credential_chain.h"

#include "tests/aws/credential_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

struct credential_chains : credential_stage {
  std::unique_ptr<credential_provider> make() {
    return make_default_credentials(world.clock, wire, env(), "eu-west-1", random);
  }
  result<credentials> first() {
    const auto keys = make();
    return world.wait_for(keys->get());
  }
};

TEST_F(credential_chains, the_first_configured_source_wins) {
  wire.answer(200, json_keys("CONTAINER", 6h))
      .answer(200, sts_answer("AssumeRoleWithWebIdentity", "WEB", 1h))
      .answer(200, sts_answer("AssumeRole", "ROLE", 1h));

  variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  EXPECT_EQ(first().value().access_key_id, "CONTAINER");
  file(".aws/config", "[default]\naws_access_key_id=PROFILE\naws_secret_access_key=S\n");
  EXPECT_EQ(first().value().access_key_id, "PROFILE");
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = file("token", "T");
  variables["AWS_ROLE_ARN"] = "r";
  EXPECT_EQ(first().value().access_key_id, "WEB");
  file(".aws/config", "[default]\naws_access_key_id=K\naws_secret_access_key=S\nrole_arn=r\nsource_profile=default\n");
  EXPECT_EQ(first().value().access_key_id, "ROLE");
  variables["AWS_ACCESS_KEY_ID"] = "VARIABLE";
  variables["AWS_SECRET_ACCESS_KEY"] = "S";
  EXPECT_EQ(first().value().access_key_id, "VARIABLE");
}

TEST_F(credential_chains, an_instance_is_the_last_resort) {
  wire.answer(200, "TOKEN").answer(200, "role").answer(200, json_keys("INSTANCE", 6h));

  EXPECT_EQ(first().value().access_key_id, "INSTANCE");
}

TEST_F(credential_chains, a_configured_source_that_fails_is_not_passed_over) {
  variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  wire.answer(404, "").answer(200, "TOKEN").answer(200, "role").answer(200, json_keys("SOMEONE_ELSE", 6h));

  EXPECT_FALSE(first());
  EXPECT_EQ(wire.requests().size(), 1U);
}

TEST_F(credential_chains, the_source_that_worked_stays) {
  variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  wire.answer(200, json_keys("A", 1h)).answer(403, "");
  const auto keys = make();
  (void)world.wait_for(keys->get());

  variables.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  variables["AWS_ACCESS_KEY_ID"] = "SOMEONE_ELSE";
  variables["AWS_SECRET_ACCESS_KEY"] = "S";
  world.clock.advance(2h);

  EXPECT_FALSE(world.wait_for(keys->get()));
}

TEST_F(credential_chains, what_is_configured_may_come_later) {
  wire.fail(errc::unreachable);
  const auto keys = make();
  EXPECT_FALSE(world.wait_for(keys->get()));

  file(".aws/credentials", "[default]\naws_access_key_id=LATE\naws_secret_access_key=S\n");
  world.clock.advance(5s);

  EXPECT_EQ(world.wait_for(keys->get()).value().access_key_id, "LATE");
}

TEST_F(credential_chains, nothing_anywhere_is_denied_and_names_every_place) {
  wire.fail(errc::unreachable, "PUT http://169.254.169.254/: no route to host");

  const auto found = first();

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::denied);
  EXPECT_THAT(found.error().what(),
              AllOf(HasSubstr("AWS_ACCESS_KEY_ID"), HasSubstr("role_arn"), HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE"),
                    HasSubstr("~/.aws/credentials"), HasSubstr("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                    HasSubstr("instance metadata"), HasSubstr("no route to host")));
}

TEST_F(credential_chains, those_of_the_environment_are_told_of_once_aws_has_refused_them) {
  variables["AWS_ACCESS_KEY_ID"] = "AKID";
  variables["AWS_SECRET_ACCESS_KEY"] = "S";
  const auto keys = make();
  const auto given = world.wait_for(keys->get()).value();
  world.run_for(5s);
  keys->invalidate(given);

  const auto renewed = world.wait_for(keys->renew());

  ASSERT_FALSE(renewed);
  EXPECT_THAT(renewed.error().what(), HasSubstr("AWS refuses the keys"));
  EXPECT_EQ(world.wait_for(keys->get()).value(), given) << "AWS is asked about them again";
}

TEST_F(credential_chains, fixed_keys_are_what_they_were_made_of) {
  const credentials given{"K", "S", "T", world.clock.now()};
  const auto keys = make_fixed_credentials(given);

  keys->invalidate(given);

  EXPECT_EQ(world.wait_for(keys->get()).value(), given);
  EXPECT_EQ(keys->expires(), given.expires);
}

}  // namespace
}  // namespace lifehook::aws
