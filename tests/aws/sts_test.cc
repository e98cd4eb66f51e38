#include "aws/sts.h"

#include "tests/support/client_stage.h"

namespace lifehook::aws {
namespace {

TEST(sts, tells_who_we_are) {
  client_stage stage;
  stage.wire.answer(
      200,
      "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/r/s</Arn>"
      "<UserId>A:s</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");

  const auto who = stage.play(sts(stage.with).get_caller_identity());

  ASSERT_TRUE(who);
  EXPECT_EQ(who->account, "111122223333");
  EXPECT_EQ(who->arn, "arn:aws:sts::111122223333:assumed-role/r/s");
  EXPECT_EQ(stage.wire.requests().at(0).url, "https://sts.eu-west-1.amazonaws.com/");
  EXPECT_EQ(stage.wire.requests().at(0).body, "Action=GetCallerIdentity&Version=2011-06-15");
}

TEST(sts, reports_credentials_that_aws_refuses_as_denied) {
  client_stage stage;
  for (int i = 0; i < 2; ++i)
    stage.wire.answer(
        403, "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>bad</Message></Error></ErrorResponse>");

  const auto who = stage.play(sts(stage.with).get_caller_identity());

  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().code(), errc::denied);
  EXPECT_EQ(who.error().aws_code(), "InvalidClientTokenId");
}

}  // namespace
}  // namespace lifehook::aws
