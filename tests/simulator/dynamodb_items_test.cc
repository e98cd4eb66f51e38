#include "tests/simulator/dynamodb_scene.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using boost::json::parse;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct dynamodb_items : dynamodb_scene {
  void put(std::string_view item) { ask("PutItem", fmt::format(R"({{"TableName":"marks","Item":{}}})", item)); }
  boost::json::value stored(std::string_view key) {
    const auto told = ask("GetItem", fmt::format(R"({{"TableName":"marks","Key":{{"key":{{"S":"{}"}}}}}})", key));
    const auto* item = told.if_contains("Item");
    return item ? *item : nullptr;
  }
};

TEST_F(dynamodb_items, a_stored_item_is_read_back_with_its_numbers_in_one_spelling) {
  put(R"({"key":{"S":"a"},"count":{"N":"007.50"},"tags":{"SS":["b","a"]},"raw":{"B":"AQI="},
          "deep":{"M":{"list":{"L":[{"NULL":true},{"BOOL":false}]}}}})");

  EXPECT_EQ(stored("a"), parse(R"({"key":{"S":"a"},"count":{"N":"7.5"},"tags":{"SS":["a","b"]},"raw":{"B":"AQI="},
                                   "deep":{"M":{"list":{"L":[{"NULL":true},{"BOOL":false}]}}}})"));
  EXPECT_EQ(stored("b"), nullptr);
}

TEST_F(dynamodb_items, an_item_is_replaced_whole) {
  put(R"({"key":{"S":"a"},"one":{"N":"1"}})");

  const auto told =
      ask("PutItem", R"({"TableName":"marks","Item":{"key":{"S":"a"},"two":{"N":"2"}},"ReturnValues":"ALL_OLD"})");

  EXPECT_EQ(told.at("Attributes"), parse(R"({"key":{"S":"a"},"one":{"N":"1"}})"));
  EXPECT_EQ(stored("a"), parse(R"({"key":{"S":"a"},"two":{"N":"2"}})"));
  EXPECT_THAT(tables->items("marks"), SizeIs(1));
}

TEST_F(dynamodb_items, a_condition_decides_whether_a_write_takes_place) {
  const auto* first = R"({"TableName":"marks","Item":{"key":{"S":"a"},"owner":{"S":"me"}},
                          "ConditionExpression":"attribute_not_exists(#k) ","ExpressionAttributeNames":{"#k":"key"}})";
  ask("PutItem", first);

  const auto again = call("PutItem", first);

  EXPECT_EQ(again.error().status, 400);
  EXPECT_EQ(again.error().code, "ConditionalCheckFailedException");
  EXPECT_EQ(again.error().message, "The conditional request failed");
  EXPECT_THAT(again.error().details, IsEmpty());
}

TEST_F(dynamodb_items, an_unmet_condition_shows_the_item_when_asked_to) {
  put(R"({"key":{"S":"a"},"owner":{"S":"other"}})");

  const auto lost = call("DeleteItem", R"({"TableName":"marks","Key":{"key":{"S":"a"}},
      "ConditionExpression":"#o = :me","ExpressionAttributeNames":{"#o":"owner"},
      "ExpressionAttributeValues":{":me":{"S":"me"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"})");

  EXPECT_EQ(lost.error().details.at("Item"), parse(R"({"key":{"S":"a"},"owner":{"S":"other"}})"));
  EXPECT_THAT(tables->items("marks"), SizeIs(1));
}

TEST_F(dynamodb_items, deleting_what_is_not_there_succeeds) {
  put(R"({"key":{"S":"a"}})");

  const auto there = ask("DeleteItem", R"({"TableName":"marks","Key":{"key":{"S":"a"}},"ReturnValues":"ALL_OLD"})");
  const auto gone = ask("DeleteItem", R"({"TableName":"marks","Key":{"key":{"S":"a"}},"ReturnValues":"ALL_OLD"})");

  EXPECT_EQ(there.at("Attributes"), parse(R"({"key":{"S":"a"}})"));
  EXPECT_THAT(gone, IsEmpty());
  EXPECT_THAT(tables->items("marks"), IsEmpty());
}

TEST_F(dynamodb_items, an_update_sets_and_removes_by_what_stood_there_before) {
  put(R"({"key":{"S":"a"},"former":{"N":"1"},"count":{"N":"5"},"doc":{"M":{"x":{"N":"1"}}}})");

  const auto told = ask("UpdateItem", R"({"TableName":"marks","Key":{"key":{"S":"a"}},"ReturnValues":"ALL_NEW",
      "UpdateExpression":"SET #c = #c + :two, begun = if_not_exists(begun, :two), copied = former, doc.y = :two REMOVE former",
      "ExpressionAttributeNames":{"#c":"count"},"ExpressionAttributeValues":{":two":{"N":"2"}}})");

  const auto expected = parse(R"({"key":{"S":"a"},"count":{"N":"7"},"begun":{"N":"2"},"copied":{"N":"1"},
                                  "doc":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}})");
  EXPECT_EQ(told.at("Attributes"), expected);
  EXPECT_EQ(stored("a"), expected);
}

TEST_F(dynamodb_items, an_update_makes_an_item_that_is_not_there) {
  const auto told = ask("UpdateItem", R"({"TableName":"marks","Key":{"key":{"S":"new"}},"ReturnValues":"UPDATED_NEW",
      "UpdateExpression":"SET colour = :c","ExpressionAttributeValues":{":c":{"S":"red"}}})");

  EXPECT_EQ(told.at("Attributes"), parse(R"({"colour":{"S":"red"}})"));
  EXPECT_EQ(stored("new"), parse(R"({"key":{"S":"new"},"colour":{"S":"red"}})"));
}

TEST_F(dynamodb_items, an_update_that_cannot_be_is_refused_whole) {
  put(R"({"key":{"S":"a"}})");
  const auto update = [&](std::string_view expression) {
    return refusal("UpdateItem", fmt::format(R"({{"TableName":"marks","Key":{{"key":{{"S":"a"}}}},
        "UpdateExpression":"{}","ExpressionAttributeNames":{{"#k":"key"}},
        "ExpressionAttributeValues":{{":v":{{"N":"1"}}}}}})",
                                             expression));
  };

  EXPECT_THAT(update("SET #k = :v"), HasSubstr("Cannot update attribute key. This attribute is part of the key"));
  EXPECT_THAT(update("SET a = :v, a = :v REMOVE #k"), HasSubstr("Two document paths overlap with each other"));
  EXPECT_THAT(update("SET a = :v SET b = #k"), HasSubstr("The \"SET\" section can only be used once"));
  EXPECT_THAT(update("SET a.b = :v, c = #k"), HasSubstr("invalid for update"));
  EXPECT_THAT(update("SET a = b, c = :v, d = #k"), HasSubstr("does not exist in the item"));
  EXPECT_THAT(update("SET a = #k + :v"), HasSubstr("incorrect data type"));
  EXPECT_EQ(stored("a"), parse(R"({"key":{"S":"a"}})"));
}

TEST_F(dynamodb_items, keys_must_fit_the_schema) {
  const auto get = [&](std::string_view key) {
    return refusal("GetItem", fmt::format(R"({{"TableName":"marks","Key":{}}})", key));
  };

  EXPECT_EQ(get(R"({"other":{"S":"a"}})"), "The provided key element does not match the schema");
  EXPECT_EQ(get(R"({"key":{"N":"1"}})"), "The provided key element does not match the schema");
  EXPECT_EQ(get(R"({"key":{"S":"a"},"more":{"S":"b"}})"), "The provided key element does not match the schema");
  EXPECT_THAT(get(R"({"key":{"S":""}})"), HasSubstr("cannot contain an empty string value. Key: key"));
  EXPECT_EQ(refusal("PutItem", R"({"TableName":"marks","Item":{"other":{"S":"a"}}})"),
            "One or more parameter values were invalid: Missing the key key in the item");
  EXPECT_EQ(refusal("PutItem", R"({"TableName":"marks","Item":{"key":{"N":"1"}}})"),
            "One or more parameter values were invalid: Type mismatch for key key expected: S actual: N");
}

TEST_F(dynamodb_items, values_must_be_of_one_known_type) {
  const auto put_value = [&](std::string_view value) {
    return refusal("PutItem", fmt::format(R"({{"TableName":"marks","Item":{{"key":{{"S":"a"}},"v":{}}}}})", value));
  };

  EXPECT_THAT(put_value("{}"), HasSubstr("Supplied AttributeValue is empty"));
  EXPECT_THAT(put_value(R"({"S":"a","N":"1"})"), HasSubstr("more than one datatypes"));
  EXPECT_THAT(put_value(R"({"N":"one"})"), HasSubstr("cannot be converted to a numeric value: one"));
  EXPECT_THAT(put_value(R"({"SS":[]})"), HasSubstr("An string set  may not be empty"));
  EXPECT_THAT(put_value(R"({"NS":["1","1.0"]})"), HasSubstr("contains duplicates"));
  EXPECT_EQ(call("PutItem", R"({"TableName":"marks","Item":{"key":{"S":1}}})").error().code, "SerializationException");
}

TEST_F(dynamodb_items, an_item_of_more_than_400_kilobytes_is_refused) {
  const auto put_long = [&](std::size_t length) {
    return refusal("PutItem", fmt::format(R"({{"TableName":"marks","Item":{{"key":{{"S":"a"}},"v":{{"S":"{}"}}}}}})",
                                          std::string(length, 'x')));
  };

  EXPECT_EQ(put_long(400 * 1024 - 5), "");
  EXPECT_EQ(put_long(400 * 1024 - 4), "Item size has exceeded the maximum allowed size");
}

TEST_F(dynamodb_items, a_missing_table_is_told_as_such) {
  const auto said = call("GetItem", R"({"TableName":"nowhere","Key":{"key":{"S":"a"}}})");

  EXPECT_EQ(said.error().code, "ResourceNotFoundException");
  EXPECT_EQ(said.error().message, "Requested resource not found");
}

TEST_F(dynamodb_items, a_projection_shows_parts_of_an_item) {
  put(R"({"key":{"S":"a"},"one":{"N":"1"},"doc":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}})");

  const auto told = ask("GetItem", R"({"TableName":"marks","Key":{"key":{"S":"a"}},
      "ProjectionExpression":"one, doc.y, nowhere","ReturnConsumedCapacity":"TOTAL","ConsistentRead":true})");

  EXPECT_EQ(told.at("Item"), parse(R"({"one":{"N":"1"},"doc":{"M":{"y":{"N":"2"}}}})"));
  EXPECT_EQ(told.at("ConsumedCapacity"), parse(R"({"TableName":"marks","CapacityUnits":1E0})"));
}

TEST_F(dynamodb_items, parameters_from_before_expressions_are_refused) {
  EXPECT_THAT(refusal("PutItem", R"({"TableName":"marks","Item":{"key":{"S":"a"}},"Expected":{}})"),
              HasSubstr("Expected is not simulated"));
}

TEST_F(dynamodb_items, an_expired_item_stays_readable_unless_told_otherwise) {
  tables->create_table("passing", "key", "expires");
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(time.now().time_since_epoch()).count();
  const auto put_until = [&](std::string_view key, std::int64_t until) {
    ask("PutItem",
        fmt::format(R"({{"TableName":"passing","Item":{{"key":{{"S":"{}"}},"expires":{{"N":"{}"}}}}}})", key, until));
  };
  put_until("soon", now + 10);
  put_until("later", now + 100);
  time.advance(20s);
  EXPECT_THAT(tables->items("passing"), SizeIs(2));

  tables->remove_expired(5s);

  ASSERT_THAT(tables->items("passing"), SizeIs(1));
  EXPECT_EQ(tables->items("passing").front().at("key").at("S"), "later");
}

}  // namespace
}  // namespace lifehook::simulator
