#include "aws/dynamodb.h"

#include "tests/support/client_stage.h"

#include <gmock/gmock.h>

#include <limits>

namespace lifehook::aws {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string refusal(const std::string& code, const std::string& message = "m") {
  return R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + code + R"(","message":")" + message + R"("})";
}

const std::string condition_unmet = refusal("ConditionalCheckFailedException", "The conditional request failed");

TEST(dynamodb, reads_an_item_as_it_was_written_last) {
  client_stage stage;
  stage.wire.answer(200, R"({"Item":{"key":{"S":"turns/web"},"text":{"S":""},"until":{"N":"1767225600"},
    "least":{"N":"-9223372036854775808"}}})");

  const auto found = stage.play(dynamodb(stage.with, "lifehook").get("turns/web"));

  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_THAT(**found, ElementsAre(Pair("key", attribute("turns/web")),
                                   Pair("least", attribute(std::numeric_limits<std::int64_t>::min())),
                                   Pair("text", attribute("")), Pair("until", attribute(1767225600))));
  const auto& asked = stage.wire.requests().at(0);
  EXPECT_EQ(asked.url, "https://dynamodb.eu-west-1.amazonaws.com/");
  EXPECT_EQ(header_of(asked, "content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(header_of(asked, "x-amz-target"), "DynamoDB_20120810.GetItem");
  EXPECT_EQ(asked.body, R"({"TableName":"lifehook","Key":{"key":{"S":"turns/web"}},"ConsistentRead":true})");
}

TEST(dynamodb, knows_no_item_from_an_answer_it_cannot_read) {
  client_stage stage;
  stage.wire.answer(200, "{}").answer(200, R"({"Item":[]})");

  const auto none = stage.play(dynamodb(stage.with, "t").get("k"));
  const auto unreadable = stage.play(dynamodb(stage.with, "t").get("k"));

  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().code(), errc::unreachable);
}

TEST(dynamodb, leaves_out_attributes_of_other_types) {
  client_stage stage;
  stage.wire.answer(200, R"({"Item":{"key":{"S":"k"},"a":{"BOOL":true},"b":{"M":{}},"c":{"SS":["x"]},"d":{"N":"1.5"},
    "e":{"N":"99999999999999999999"},"f":{"N":7},"g":7,"h":{},"i":{"NULL":true},"j":{"N":""}}})");

  const auto found = stage.play(dynamodb(stage.with, "t").get("k"));

  ASSERT_TRUE(found && *found);
  EXPECT_THAT(**found, ElementsAre(Pair("key", attribute("k"))));
}

TEST(dynamodb, writes_an_item_under_a_condition) {
  client_stage stage;
  stage.wire.answer(200, "{}");

  EXPECT_TRUE(stage.play(dynamodb(stage.with, "t")
                             .put({{"key", "a"}, {"until", 1}}, {.expression = "attribute_not_exists(#k) OR #u < :now",
                                                                 .names = {{"#k", "key"}, {"#u", "until"}},
                                                                 .values = {{":now", 9}}})));

  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"), "DynamoDB_20120810.PutItem");
  EXPECT_EQ(stage.wire.requests().at(0).body,
            R"({"TableName":"t","Item":{"key":{"S":"a"},"until":{"N":"1"}},)"
            R"("ConditionExpression":"attribute_not_exists(#k) OR #u < :now",)"
            R"("ExpressionAttributeNames":{"#k":"key","#u":"until"},"ExpressionAttributeValues":{":now":{"N":"9"}}})");
}

TEST(dynamodb, sends_no_empty_maps_which_dynamodb_refuses) {
  client_stage stage;
  stage.wire.answer(200, "{}").answer(200, "{}").answer(200, "{}");

  EXPECT_TRUE(stage.play(dynamodb(stage.with, "t").put({{"key", "a"}})));
  EXPECT_TRUE(stage.play(dynamodb(stage.with, "t").put({{"key", "a"}}, {.expression = "attribute_not_exists(x)"})));
  EXPECT_TRUE(stage.play(dynamodb(stage.with, "t").remove("a")));

  EXPECT_EQ(stage.wire.requests().at(0).body, R"({"TableName":"t","Item":{"key":{"S":"a"}}})");
  EXPECT_EQ(stage.wire.requests().at(1).body,
            R"json({"TableName":"t","Item":{"key":{"S":"a"}},"ConditionExpression":"attribute_not_exists(x)"})json");
  EXPECT_EQ(stage.wire.requests().at(2).body, R"({"TableName":"t","Key":{"key":{"S":"a"}}})");
}

TEST(dynamodb, removes_an_item_under_a_condition) {
  client_stage stage;
  stage.wire.answer(200, "{}");

  EXPECT_TRUE(
      stage.play(dynamodb(stage.with, "t")
                     .remove("a", {.expression = "#o = :o", .names = {{"#o", "owner"}}, .values = {{":o", "me"}}})));

  EXPECT_EQ(header_of(stage.wire.requests().at(0), "x-amz-target"), "DynamoDB_20120810.DeleteItem");
  EXPECT_EQ(stage.wire.requests().at(0).body,
            R"({"TableName":"t","Key":{"key":{"S":"a"}},"ConditionExpression":"#o = :o",)"
            R"("ExpressionAttributeNames":{"#o":"owner"},"ExpressionAttributeValues":{":o":{"S":"me"}}})");
}

TEST(dynamodb, tells_a_lost_race_and_does_not_run_it_again) {
  client_stage stage;
  stage.wire.answer(400, condition_unmet).answer(400, condition_unmet);

  const auto put = stage.play(dynamodb(stage.with, "t").put({{"key", "a"}}, {.expression = "attribute_not_exists(x)"}));
  const auto removed = stage.play(dynamodb(stage.with, "t").remove("a", {.expression = "attribute_exists(x)"}));

  ASSERT_FALSE(put);
  EXPECT_TRUE(is_condition_unmet(put.error()));
  EXPECT_EQ(put.error().code(), errc::rejected);
  ASSERT_FALSE(removed);
  EXPECT_TRUE(is_condition_unmet(removed.error()));
  EXPECT_EQ(stage.wire.requests().size(), 2U);
}

TEST(dynamodb, tries_four_times) {
  client_stage stage;
  for (int i = 0; i < 9; ++i) stage.wire.answer(400, refusal("ProvisionedThroughputExceededException"));

  const auto got = stage.play(dynamodb(stage.with, "t").get("a"));
  const auto tries = stage.wire.requests().size();
  const auto put = stage.play(dynamodb(stage.with, "t").put({{"key", "a"}}));

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), errc::throttled);
  EXPECT_FALSE(is_condition_unmet(got.error()));
  EXPECT_EQ(tries, 4U);
  EXPECT_FALSE(put);
  EXPECT_EQ(stage.wire.requests().size(), 8U);
}

TEST(dynamodb, calls_a_table_that_is_not_there_or_of_another_key_denied_so_that_a_person_looks) {
  for (const auto& answer :
       {refusal("ResourceNotFoundException", "Requested resource not found"),
        refusal("ValidationException", "The provided key element does not match the schema"),
        refusal("ValidationException", "One or more parameter values were invalid: Missing the key id in the item"),
        refusal("ValidationException",
                "One or more parameter values were invalid: Type mismatch for key key expected: N actual: S")}) {
    client_stage stage;
    stage.wire.answer(400, answer);

    const auto put = stage.play(dynamodb(stage.with, "t").put({{"key", "a"}}));

    ASSERT_FALSE(put) << answer;
    EXPECT_EQ(put.error().code(), errc::denied) << answer;
  }
}

}  // namespace
}  // namespace lifehook::aws
