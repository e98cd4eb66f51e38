#include "tests/simulator/dynamodb_scene.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace lifehook::simulator {
namespace {

using boost::json::parse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

struct dynamodb_tables : dynamodb_scene {
  static constexpr std::string_view log_table = R"({"TableName":"log","BillingMode":"PAY_PER_REQUEST",
      "KeySchema":[{"AttributeName":"host","KeyType":"HASH"},{"AttributeName":"moment","KeyType":"RANGE"}],
      "AttributeDefinitions":[{"AttributeName":"host","AttributeType":"S"},{"AttributeName":"moment","AttributeType":"N"}]})";

  std::string status(std::string_view name) {
    const auto told = call("DescribeTable", fmt::format(R"({{"TableName":"{}"}})", name));
    return told ? std::string(told->json.at("Table").at("TableStatus").as_string()) : told.error().code;
  }
  void make_log(int entries) {
    ask("CreateTable", log_table);
    time.advance(10s);
    for (int i = 0; i < entries; ++i)
      ask("PutItem",
          fmt::format(R"({{"TableName":"log","Item":{{"host":{{"S":"h{}"}},"moment":{{"N":"{}"}}}}}})", i % 2, i));
  }
  std::vector<std::int64_t> times(const boost::json::object& told) {
    std::vector<std::int64_t> all;
    for (const auto& each : told.at("Items").as_array())
      all.push_back(std::stoll(each.at("moment").at("N").as_string().c_str()));
    return all;
  }
  std::vector<std::int64_t> query(std::string_view condition, std::string_view more = "") {
    return times(ask("Query", fmt::format(R"({{"TableName":"log","KeyConditionExpression":"{}",
        "ExpressionAttributeValues":{{":h":{{"S":"h0"}},":t":{{"N":"4"}}}}{}}})",
                                          condition, more)));
  }
};

TEST_F(dynamodb_tables, a_table_is_created_in_time_and_deleted_in_time) {
  const auto told = ask("CreateTable", log_table);

  EXPECT_EQ(told.at("TableDescription").at("TableStatus"), "CREATING");
  EXPECT_EQ(told.at("TableDescription").at("TableArn"), "arn:aws:dynamodb:eu-west-1:111122223333:table/log");
  EXPECT_EQ(call("Scan", R"({"TableName":"log"})").error().code, "ResourceNotFoundException");
  EXPECT_EQ(call("CreateTable", log_table).error().code, "ResourceInUseException");
  EXPECT_EQ(call("DeleteTable", R"({"TableName":"log"})").error().code, "ResourceInUseException");
  time.advance(3s);
  EXPECT_EQ(status("log"), "ACTIVE");
  ask("DeleteTable", R"({"TableName":"log"})");
  EXPECT_EQ(status("log"), "DELETING");
  time.advance(3s);
  EXPECT_EQ(status("log"), "ResourceNotFoundException");
}

TEST_F(dynamodb_tables, tables_are_listed_in_pages) {
  for (const auto* name : {"aaa", "zzz"}) tables->create_table(name);

  const auto first = ask("ListTables", R"({"Limit":2})");
  const auto second = ask("ListTables", R"({"Limit":2,"ExclusiveStartTableName":"marks"})");

  EXPECT_EQ(boost::json::serialize(first), R"({"LastEvaluatedTableName":"marks","TableNames":["aaa","marks"]})");
  EXPECT_EQ(boost::json::serialize(second), R"({"TableNames":["zzz"]})");
}

TEST_F(dynamodb_tables, a_schema_that_does_not_fit_is_refused) {
  EXPECT_THAT(refusal("CreateTable", R"({"TableName":"no"})"), HasSubstr("Invalid table/index name"));
  EXPECT_THAT(refusal("CreateTable", R"({"TableName":"log","KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],
      "AttributeDefinitions":[{"AttributeName":"b","AttributeType":"S"}]})"),
              HasSubstr("not defined in AttributeDefinitions"));
  EXPECT_THAT(refusal("CreateTable", R"({"TableName":"log","KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],
      "AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","AttributeType":"S"}]})"),
              HasSubstr("does not exactly match"));
}

TEST_F(dynamodb_tables, time_to_live_is_switched_on_once) {
  const auto* on = R"({"TableName":"marks","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"expires"}})";
  EXPECT_EQ(ask("DescribeTimeToLive", R"({"TableName":"marks"})").at("TimeToLiveDescription").at("TimeToLiveStatus"),
            "DISABLED");

  ask("UpdateTimeToLive", on);

  EXPECT_EQ(ask("DescribeTimeToLive", R"({"TableName":"marks"})").at("TimeToLiveDescription"),
            parse(R"({"TimeToLiveStatus":"ENABLED","AttributeName":"expires"})"));
  EXPECT_EQ(refusal("UpdateTimeToLive", on), "TimeToLive is already enabled");
}

TEST_F(dynamodb_tables, a_query_reads_one_partition_in_the_order_of_the_sort_key) {
  make_log(21);

  EXPECT_THAT(query("host = :h AND moment < :t"), ElementsAre(0, 2));
  EXPECT_THAT(query("moment <= :t AND host = :h", R"(,"ScanIndexForward":false)"), ElementsAre(4, 2, 0));
  EXPECT_THAT(query("host = :h", R"(,"FilterExpression":"moment <> :t","Limit":4)"), ElementsAre(0, 2, 6));
  EXPECT_THAT(query("host = :h", R"(,"FilterExpression":"moment > :t")"), SizeIs(8));
}

TEST_F(dynamodb_tables, a_query_must_name_the_partition) {
  make_log(1);
  const auto refused = [&](std::string_view condition) {
    return refusal("Query", fmt::format(R"({{"TableName":"log","KeyConditionExpression":"{}",
        "ExpressionAttributeValues":{{":h":{{"S":"h0"}},":t":{{"N":"4"}}}}}})",
                                        condition));
  };

  EXPECT_EQ(refused("moment = :t"), "Query condition missed key schema element: host");
  EXPECT_EQ(refused("host > :h AND moment = :t"), "Query key condition not supported");
  EXPECT_EQ(refused("host = :h OR moment = :t"), "Query key condition not supported");
  EXPECT_EQ(refused("host = :h AND moment <> :t"), "Query key condition not supported");
  EXPECT_THAT(refused("host = :t"), HasSubstr("does not match schema type"));
  EXPECT_THAT(refused("host = :h"), HasSubstr("unused in expressions: keys: {:t}"));
}

TEST_F(dynamodb_tables, a_scan_goes_on_where_its_page_ended) {
  make_log(5);

  const auto first = ask("Scan", R"({"TableName":"log","Limit":3})");
  const auto second = ask("Scan", fmt::format(R"({{"TableName":"log","Limit":3,"ExclusiveStartKey":{}}})",
                                              boost::json::serialize(first.at("LastEvaluatedKey"))));

  EXPECT_THAT(times(first), ElementsAre(0, 2, 4));
  EXPECT_THAT(times(second), ElementsAre(1, 3));
  EXPECT_FALSE(second.contains("LastEvaluatedKey"));
}

TEST_F(dynamodb_tables, segments_of_a_scan_make_the_whole) {
  make_log(20);

  const auto one = ask("Scan", R"({"TableName":"log","Segment":0,"TotalSegments":2})");
  const auto other = ask("Scan", R"({"TableName":"log","Segment":1,"TotalSegments":2})");

  EXPECT_EQ(one.at("Count").as_uint64() + other.at("Count").as_uint64(), 20U);
}

}  // namespace
}  // namespace lifehook::simulator
