#include "aws/credential_imds.h"

#include "aws/credential_chain.h"
#include "tests/aws/credential_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct imds_credentials : credential_stage {
  void answer_once(std::string_view id, duration life) {
    wire.answer(200, "TOKEN").answer(200, "role").answer(200, json_keys(id, life));
  }
};

TEST_F(imds_credentials, a_token_is_taken_then_the_roles_credentials_are_read) {
  answer_once("ASIA1", 6h);

  const auto found = fetch(make_imds_credentials);

  ASSERT_TRUE(found) << found.error().what();
  EXPECT_EQ(found->access_key_id, "ASIA1");
  const auto& sent = wire.requests();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].method + " " + sent[0].url, "PUT http://169.254.169.254/latest/api/token");
  EXPECT_EQ(header_of(sent[0], "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(sent[0].timeout, 1s);
  EXPECT_EQ(sent[2].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/role");
  EXPECT_EQ(header_of(sent[2], "x-aws-ec2-metadata-token"), "TOKEN");
}

TEST_F(imds_credentials, version_1_is_asked_when_no_token_is_to_be_had) {
  for (const int refusal : {403, 404, 405, 0}) {
    scripted_wire& script = refusal ? wire.answer(refusal, "") : wire.fail(errc::timeout);
    script.answer(200, "role").answer(200, json_keys("A", 6h));

    const auto found = fetch(make_imds_credentials);

    ASSERT_TRUE(found) << refusal;
    EXPECT_EQ(header_of(wire.requests().back(), "x-aws-ec2-metadata-token"), "");
  }
}

TEST_F(imds_credentials, version_1_is_not_asked_when_switched_off_or_when_the_request_was_wrong) {
  wire.answer(400, "");
  EXPECT_FALSE(fetch(make_imds_credentials));
  EXPECT_EQ(wire.requests().size(), 1U);

  variables["AWS_EC2_METADATA_V1_DISABLED"] = "true";
  wire.answer(403, "");
  EXPECT_FALSE(fetch(make_imds_credentials));
  EXPECT_EQ(wire.requests().size(), 2U);
}

TEST_F(imds_credentials, a_machine_outside_of_ec2_is_found_out_by_one_request) {
  wire.fail(errc::unreachable);

  const auto found = fetch(make_imds_credentials);

  ASSERT_FALSE(found);
  EXPECT_EQ(wire.requests().size(), 1U);
}

TEST_F(imds_credentials, the_endpoint_and_its_mode_are_configurable) {
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  EXPECT_FALSE(fetch(make_imds_credentials));
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1338/";
  EXPECT_FALSE(fetch(make_imds_credentials));

  EXPECT_THAT(wire.requests()[0].url, StartsWith("http://[fd00:ec2::254]/latest"));
  EXPECT_THAT(wire.requests()[1].url, StartsWith("http://127.0.0.1:1338/latest"));
}

TEST_F(imds_credentials, switched_off_means_not_configured) {
  variables["AWS_EC2_METADATA_DISABLED"] = "TRUE";

  EXPECT_EQ(make_imds_credentials(setting()), nullptr);
}

TEST_F(imds_credentials, an_instance_without_a_role_is_denied) {
  wire.answer(200, "TOKEN").answer(404, "");

  const auto found = fetch(make_imds_credentials);

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::denied);
  EXPECT_THAT(found.error().what(), HasSubstr("no role"));
}

TEST_F(imds_credentials, expired_ones_are_extended_by_12_to_20_minutes) {
  answer_once("A", -1h);

  const auto found = fetch(make_imds_credentials);

  ASSERT_TRUE(found);
  EXPECT_GE(*found->expires, world.clock.now() + 12min);
  EXPECT_LE(*found->expires, world.clock.now() + 20min);
}

TEST_F(imds_credentials, the_last_ones_are_kept_in_use_when_the_service_stops_answering) {
  answer_once("A", 1h);
  wire.answer(500, "").fail(errc::timeout).fail(errc::timeout);
  const auto source = make_imds_credentials(setting());
  (void)world.wait_for(source->fetch());
  world.clock.advance(2h);

  for (int i = 0; i < 2; ++i) {
    const auto found = world.wait_for(source->fetch());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->access_key_id, "A");
    EXPECT_GT(*found->expires, world.clock.now());
  }
}

TEST_F(imds_credentials, the_last_ones_are_not_kept_when_the_role_was_taken_away) {
  answer_once("A", 1h);
  wire.answer(200, "TOKEN").answer(404, "");
  const auto source = make_imds_credentials(setting());
  (void)world.wait_for(source->fetch());

  EXPECT_FALSE(world.wait_for(source->fetch()));
}

using region = credential_stage;

TEST_F(region, comes_from_the_environment_then_the_profile_then_the_instance) {
  file(".aws/config", "[default]\nregion = eu-west-1\n[profile web]\nregion = eu-west-2\n");
  wire.answer(200, "TOKEN").answer(200, "eu-north-1\n");
  const auto find = [&] { return world.wait_for(find_region(wire, env())).value(); };

  variables = {{"AWS_REGION", "eu-west-3"}, {"AWS_DEFAULT_REGION", "eu-south-1"}};
  EXPECT_EQ(find(), "eu-west-3");
  variables.erase("AWS_REGION");
  EXPECT_EQ(find(), "eu-south-1");
  variables = {{"AWS_PROFILE", "web"}};
  EXPECT_EQ(find(), "eu-west-2");
  variables.clear();
  EXPECT_EQ(find(), "eu-west-1");
  variables = {{"AWS_PROFILE", "unknown"}};
  EXPECT_EQ(find(), "eu-north-1");
  EXPECT_EQ(wire.requests()[1].url, "http://169.254.169.254/latest/meta-data/placement/region");
}

TEST_F(region, that_is_none_is_refused_wherever_it_comes_from) {
  file(".aws/config", "[default]\nregion = Ireland\n[profile web]\noutput = json\n");
  wire.answer(200, "TOKEN").answer(200, "<html>please sign in</html>");
  const auto complaint = [&] { return world.wait_for(find_region(wire, env())).error().what(); };

  EXPECT_THAT(complaint(),
              HasSubstr("region of profile default: expected a region such as eu-west-1, got \"Ireland\""));
  variables = {{"AWS_DEFAULT_REGION", "eu west"}};
  EXPECT_THAT(complaint(), HasSubstr("environment variable AWS_DEFAULT_REGION: expected"));
  variables = {{"AWS_PROFILE", "web"}};
  EXPECT_THAT(complaint(), HasSubstr("region of the instance metadata: expected"));
}

TEST_F(region, that_nobody_knows_is_denied_and_says_what_to_set) {
  wire.fail(errc::timeout, "PUT http://169.254.169.254/: no answer within 1000 ms").fail(errc::timeout, "nobody");

  const auto found = world.wait_for(find_region(wire, env()));

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), errc::denied);
  EXPECT_THAT(found.error().what(), HasSubstr("AWS_REGION"));
}

}  // namespace
}  // namespace lifehook::aws
