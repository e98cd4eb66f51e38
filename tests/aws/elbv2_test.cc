#include "aws/elbv2.h"

#include "tests/support/client_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using testing::IsEmpty;

std::string health_page(const std::string& content) {
  return "<DescribeTargetHealthResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\">"
         "<DescribeTargetHealthResult>" +
         content + "</DescribeTargetHealthResult></DescribeTargetHealthResponse>";
}

const std::string deregistered =
    "<DeregisterTargetsResponse><DeregisterTargetsResult/><ResponseMetadata/></DeregisterTargetsResponse>";

std::string refusal(const std::string& code) {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code +
         "</Code><Message>m</Message></Error></ErrorResponse>";
}

TEST(elbv2, lists_the_targets_of_a_target_group_with_their_ports) {
  client_stage stage;
  stage.wire.answer(
      200, health_page("<TargetHealthDescriptions><member><Target><Id>i-1</Id><Port>8080</Port></Target>"
                       "<HealthCheckPort>8080</HealthCheckPort><TargetHealth><State>draining</State>"
                       "<Reason>Target.DeregistrationInProgress</Reason><Description>d</Description></TargetHealth>"
                       "</member><member><Target><Id>10.0.0.7</Id></Target><TargetHealth><State>healthy</State>"
                       "</TargetHealth></member></TargetHealthDescriptions>"));

  const auto found = stage.play(elbv2(stage.with).targets("arn:tg"));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->at(0).of, (target{"i-1", 8080}));
  EXPECT_EQ(found->at(0).state, "draining");
  EXPECT_EQ(found->at(0).reason, "Target.DeregistrationInProgress");
  EXPECT_EQ(found->at(1).of, (target{"10.0.0.7", std::nullopt}));
  EXPECT_EQ(found->at(1).state, "healthy");
  EXPECT_EQ(found->at(1).reason, "");
  EXPECT_EQ(stage.wire.requests().at(0).url, "https://elasticloadbalancing.eu-west-1.amazonaws.com/");
  EXPECT_EQ(stage.wire.requests().at(0).body, "Action=DescribeTargetHealth&Version=2015-12-01&TargetGroupArn=arn%3Atg");
}

TEST(elbv2, takes_an_empty_list_for_no_targets_but_not_an_answer_it_cannot_read) {
  client_stage stage;
  stage.wire.answer(200, health_page("<TargetHealthDescriptions/>"));

  const auto none = stage.play(elbv2(stage.with).targets("arn:tg"));

  ASSERT_TRUE(none);
  EXPECT_THAT(*none, IsEmpty());
  for (const std::string content :
       {"", "<TargetHealthDescriptions><member/></TargetHealthDescriptions>",
        "<TargetHealthDescriptions><member><Target><Id>i-1</Id></Target></member></TargetHealthDescriptions>"}) {
    stage.wire.answer(200, health_page(content));

    const auto unreadable = stage.play(elbv2(stage.with).targets("arn:tg"));

    ASSERT_FALSE(unreadable) << content;
    EXPECT_EQ(unreadable.error().code(), errc::unreachable) << content;
  }
}

TEST(elbv2, does_not_find_a_target_group_that_is_not_there) {
  client_stage stage;
  stage.wire.answer(400, refusal("TargetGroupNotFound")).answer(400, refusal("TargetGroupNotFound"));

  const auto targets = stage.play(elbv2(stage.with).targets("arn:tg"));
  const auto done = stage.play(elbv2(stage.with).deregister("arn:tg", {{"i-1", 80}, {"i-2", 80}}));

  ASSERT_FALSE(targets);
  EXPECT_EQ(targets.error().code(), errc::not_found);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), errc::not_found);
  EXPECT_EQ(stage.wire.requests().size(), 2U);
}

TEST(elbv2, waits_for_a_health_it_does_not_get_at_once) {
  client_stage stage;
  stage.wire.answer(500, refusal("HealthUnavailable")).answer(200, health_page("<TargetHealthDescriptions/>"));

  EXPECT_TRUE(stage.play(elbv2(stage.with).targets("arn:tg")));

  EXPECT_EQ(stage.wire.requests().size(), 2U);
}

TEST(elbv2, deregisters_with_the_ports_that_were_registered) {
  client_stage stage;
  stage.wire.answer(200, deregistered);

  EXPECT_TRUE(stage.play(elbv2(stage.with).deregister("a", {{"i-1", std::nullopt}, {"i-1", 8080}})));

  EXPECT_EQ(stage.wire.requests().at(0).body,
            "Action=DeregisterTargets&Version=2015-12-01&TargetGroupArn=a&Targets.member.1.Id=i-1&"
            "Targets.member.2.Id=i-1&Targets.member.2.Port=8080");
}

TEST(elbv2, has_nothing_to_do_without_targets) {
  client_stage stage;

  EXPECT_TRUE(stage.play(elbv2(stage.with).deregister("a", {})));

  EXPECT_TRUE(stage.wire.requests().empty());
}

TEST(elbv2, is_content_when_the_target_is_not_registered) {
  client_stage stage;
  stage.wire.answer(400, refusal("InvalidTarget"));

  EXPECT_TRUE(stage.play(elbv2(stage.with).deregister("a", {{"i-1", 80}})));

  EXPECT_EQ(stage.wire.requests().size(), 1U);
}

TEST(elbv2, deregisters_the_others_of_a_list_that_one_unknown_target_had_refused) {
  client_stage stage;
  stage.wire.answer(400, refusal("InvalidTarget"));
  stage.wire.answer(400, refusal("InvalidTarget")).answer(200, deregistered);

  EXPECT_TRUE(stage.play(elbv2(stage.with).deregister("a", {{"i-1", 80}, {"i-2", 81}})));

  ASSERT_EQ(stage.wire.requests().size(), 3U);
  EXPECT_EQ(stage.wire.requests().at(2).body,
            "Action=DeregisterTargets&Version=2015-12-01&TargetGroupArn=a&Targets.member.1.Id=i-2&"
            "Targets.member.1.Port=81");
}

TEST(elbv2, one_target_that_fails_beside_an_unknown_other_fails_no_third) {
  client_stage stage;
  stage.wire.answer(400, refusal("InvalidTarget"));
  stage.wire.answer(400, refusal("InvalidTarget")).answer(400, refusal("ValidationError")).answer(200, deregistered);

  const auto done = stage.play(elbv2(stage.with).deregister("a", {{"i-1", 80}, {"i-2", 81}, {"i-3", 80}}));

  ASSERT_TRUE(done);
  ASSERT_EQ(done->size(), 3U);
  EXPECT_TRUE(done->at(0));
  EXPECT_EQ(done->at(1).error().code(), errc::rejected);
  EXPECT_TRUE(done->at(2));
}

TEST(elbv2, an_outage_beside_an_unknown_target_is_not_asked_about_one_by_one) {
  client_stage stage;
  stage.wire.answer(400, refusal("InvalidTarget"));
  stage.wire.answer(200, deregistered).answer(403, refusal("AccessDenied"));

  const auto done = stage.play(elbv2(stage.with).deregister("a", {{"i-1", 80}, {"i-2", 81}, {"i-3", 80}}));

  ASSERT_TRUE(done);
  ASSERT_EQ(done->size(), 3U);
  EXPECT_TRUE(done->at(0));
  EXPECT_EQ(done->at(1).error().code(), errc::denied);
  EXPECT_EQ(done->at(2).error().code(), errc::denied);
  EXPECT_EQ(stage.wire.requests().size(), 3U);
}

}  // namespace
}  // namespace lifehook::aws
