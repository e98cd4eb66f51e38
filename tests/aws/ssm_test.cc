#include "aws/ssm.h"

#include "tests/support/client_stage.h"

#include <gmock/gmock.h>

namespace lifehook::aws {
namespace {

using namespace std::chrono_literals;

std::string refusal(const std::string& code) { return R"({"__type":")" + code + R"(","Message":"m"})"; }

TEST(ssm, sends_a_command_to_one_instance) {
  client_stage stage;
  stage.wire.answer(200, R"({"Command":{"CommandId":"c-1","Status":"Pending"}})");

  const auto id =
      stage.play(ssm(stage.with)
                     .send_command({.document = "AWS-RunShellScript",
                                    .instance = "i-1",
                                    .parameters = {{"commands", {"echo \"1\"", "sync"}}, {"executionTimeout", {"60"}}},
                                    .comment = "lifehook 1",
                                    .output_bucket = "logs",
                                    .output_prefix = "web/i-1"}));

  ASSERT_TRUE(id);
  EXPECT_EQ(*id, "c-1");
  const auto& asked = stage.wire.requests().at(0);
  EXPECT_EQ(asked.url, "https://ssm.eu-west-1.amazonaws.com/");
  EXPECT_EQ(header_of(asked, "content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(header_of(asked, "x-amz-target"), "AmazonSSM.SendCommand");
  EXPECT_EQ(asked.body,
            R"({"DocumentName":"AWS-RunShellScript","InstanceIds":["i-1"],)"
            R"("Parameters":{"commands":["echo \"1\"","sync"],"executionTimeout":["60"]},"Comment":"lifehook 1",)"
            R"("OutputS3BucketName":"logs","OutputS3KeyPrefix":"web/i-1"})");
}

TEST(ssm, leaves_out_what_a_command_does_not_have) {
  client_stage stage;
  stage.wire.answer(200, R"({"Command":{"CommandId":"c-1"}})");

  EXPECT_TRUE(stage.play(ssm(stage.with).send_command({.document = "d", .instance = "i-1"})));

  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"DocumentName":"d","InstanceIds":["i-1"]})");
}

TEST(ssm, sends_a_command_once_however_the_answer_is_lost) {
  client_stage stage;
  stage.wire.fail(errc::timeout).answer(503, "");

  const auto lost = stage.play(ssm(stage.with).send_command({.document = "d", .instance = "i-1"}));
  const auto refused = stage.play(ssm(stage.with).send_command({.document = "d", .instance = "i-1"}));

  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), errc::timeout);
  ASSERT_FALSE(refused);
  ASSERT_EQ(stage.wire.requests().size(), 2U);
  EXPECT_TRUE(stage.wire.requests().at(0).fresh_connection);
}

TEST(ssm, does_not_take_an_answer_without_an_id_for_a_command) {
  for (const auto* const answer : {"{}", R"({"Command":{}})", R"({"Command":{"CommandId":7}})"}) {
    client_stage stage;
    stage.wire.answer(200, answer);

    const auto id = stage.play(ssm(stage.with).send_command({.document = "d", .instance = "i-1"}));

    ASSERT_FALSE(id) << answer;
    EXPECT_EQ(id.error().code(), errc::unreachable) << answer;
  }
}

TEST(ssm, knows_an_instance_whose_agent_it_does_not_hear) {
  client_stage stage;
  stage.wire.answer(400, refusal("InvalidInstanceId")).answer(400, refusal("InvalidDocument"));

  const auto unmanaged = stage.play(ssm(stage.with).send_command({.document = "d", .instance = "i-1"}));
  const auto refused = stage.play(ssm(stage.with).send_command({.document = "d", .instance = "i-1"}));

  ASSERT_FALSE(unmanaged);
  EXPECT_TRUE(is_unmanaged_instance(unmanaged.error()));
  EXPECT_EQ(unmanaged.error().code(), errc::not_found);
  ASSERT_FALSE(refused);
  EXPECT_FALSE(is_unmanaged_instance(refused.error()));
  EXPECT_EQ(refused.error().code(), errc::rejected);
}

TEST(ssm, lists_the_commands_of_an_instance_on_all_pages) {
  client_stage stage;
  stage.wire.answer(200, R"({"Commands":[{"CommandId":"c-2","Comment":"lifehook 2"},{"CommandId":"c-1"}],
    "NextToken":"t"})");
  stage.wire.answer(200, R"({"Commands":[{"CommandId":"c-0","Comment":""}],"NextToken":""})");

  const auto found = stage.play(ssm(stage.with).commands("i-1"));

  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ(found->at(0).id, "c-2");
  EXPECT_EQ(found->at(0).comment, "lifehook 2");
  EXPECT_EQ(found->at(1).comment, "");
  EXPECT_EQ(found->at(2).id, "c-0");
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"), "AmazonSSM.ListCommands");
  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"InstanceId":"i-1","MaxResults":50})");
  EXPECT_EQ(stage.wire.requests().at(1).body, R"({"InstanceId":"i-1","MaxResults":50,"NextToken":"t"})");
}

TEST(ssm, does_not_overlook_a_command_in_an_answer_it_cannot_read) {
  for (const auto* const answer :
       {"{}", R"({"Commands":null})", R"({"Commands":[{"Comment":"lifehook 1"}]})", R"({"Commands":[7]})"}) {
    client_stage stage;
    stage.wire.answer(200, answer);

    const auto found = stage.play(ssm(stage.with).commands("i-1"));

    ASSERT_FALSE(found) << answer;
    EXPECT_EQ(found.error().code(), errc::unreachable) << answer;
  }
}

TEST(ssm, stops_after_a_thousand_pages) {
  client_stage stage;
  for (int i = 0; i < 1001; ++i) stage.wire.answer(200, R"({"Commands":[],"NextToken":"t"})");

  EXPECT_FALSE(stage.play(ssm(stage.with).commands("i-1")));

  EXPECT_EQ(stage.wire.requests().size(), 1000U);
}

TEST(ssm, tells_how_a_command_ended) {
  client_stage stage;
  stage.wire.answer(200, R"({"CommandId":"c-1","InstanceId":"i-1","Status":"Failed","StatusDetails":"Failed",
    "ResponseCode":3,"StandardOutputContent":"x","StandardOutputUrl":"https://s3/out","StandardErrorUrl":"https://s3/err"})");

  const auto found = stage.play(ssm(stage.with).invocation("c-1", "i-1"));

  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->status, "Failed");
  EXPECT_EQ((*found)->details, "Failed");
  EXPECT_EQ((*found)->response_code, 3);
  EXPECT_EQ((*found)->output_url, "https://s3/out");
  EXPECT_EQ((*found)->error_url, "https://s3/err");
  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"), "AmazonSSM.GetCommandInvocation");
  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"CommandId":"c-1","InstanceId":"i-1"})");
}

TEST(ssm, has_no_exit_code_before_there_is_one_and_knows_negative_ones) {
  client_stage stage;
  stage.wire.answer(200, R"({"Status":"InProgress"})").answer(200, R"({"Status":"InProgress","ResponseCode":-1})");
  stage.wire.answer(200, R"({"Status":"Failed","ResponseCode":-1073741510})");

  for (const int code : {-1, -1, -1073741510}) {
    const auto found = stage.play(ssm(stage.with).invocation("c-1", "i-1"));

    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->response_code, code);
    EXPECT_EQ((*found)->output_url, "");
  }
}

TEST(ssm, does_not_know_a_command_in_its_first_moments) {
  client_stage stage;
  stage.wire.answer(400, refusal("InvocationDoesNotExist")).answer(400, refusal("InvalidCommandId"));
  stage.wire.answer(200, "{}");

  const auto early = stage.play(ssm(stage.with).invocation("c-1", "i-1"));
  const auto wrong = stage.play(ssm(stage.with).invocation("?", "i-1"));
  const auto unreadable = stage.play(ssm(stage.with).invocation("c-1", "i-1"));

  ASSERT_TRUE(early);
  EXPECT_FALSE(*early);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), errc::rejected);
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().code(), errc::unreachable);
}

}  // namespace
}  // namespace lifehook::aws
