#include "simulator/dynamodb_condition.h"

#include <gmock/gmock.h>
#include <boost/json.hpp>

namespace lifehook::simulator {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const auto item = boost::json::parse(R"({
  "a":{"S":"apple"}, "n":{"N":"5"}, "b":{"BOOL":true}, "letters":{"SS":["x","y"]}, "bin":{"B":"AQID"},
  "queue":{"L":[{"S":"first"},{"N":"2"}]}, "doc":{"M":{"core":{"S":"deep"}}} })")
                      .as_object();
const auto values = boost::json::parse(R"({"ExpressionAttributeNames":{"#o":"owner","#a":"a"},
  "ExpressionAttributeValues":{":apple":{"S":"apple"},":pear":{"S":"pear"},":five":{"N":"5.0"},":ten":{"N":"10"},
  ":x":{"S":"x"},":ap":{"S":"ap"},":true":{"BOOL":true},":two":{"N":"2"},":start":{"B":"AQ=="},":type":{"S":"SS"}},
  "ConditionExpression":"any"})")
                        .as_object();

or_fault<condition> read(std::string_view text) {
  auto known = placeholders::read(values).value();
  return read_condition("ConditionExpression", text, known);
}
bool is_met(std::string_view text) { return holds(read(text).value(), item); }
std::string refusal(std::string_view text) {
  const auto made = read(text);
  return made.has_error() ? made.error().message : "";
}

TEST(dynamodb_condition, compares_values_of_one_type) {
  EXPECT_TRUE(is_met("a = :apple"));
  EXPECT_TRUE(is_met("n = :five"));
  EXPECT_TRUE(is_met("n < :ten"));
  EXPECT_TRUE(is_met(":ten >= n"));
  EXPECT_TRUE(is_met("a <= :pear"));
  EXPECT_FALSE(is_met("a > :pear"));
  EXPECT_TRUE(is_met("b = :true"));
  EXPECT_FALSE(is_met("a < :ten"));
  EXPECT_FALSE(is_met("a > :ten"));
  EXPECT_TRUE(is_met("a <> :ten"));
}

TEST(dynamodb_condition, an_absent_attribute_is_only_unequal) {
  EXPECT_FALSE(is_met("gone = :apple"));
  EXPECT_FALSE(is_met("gone < :ten"));
  EXPECT_FALSE(is_met("begins_with(gone, :ap)"));
  EXPECT_TRUE(is_met("gone <> :apple"));
  EXPECT_TRUE(is_met("attribute_not_exists(gone)"));
  EXPECT_FALSE(is_met("attribute_exists(gone)"));
}

TEST(dynamodb_condition, functions_look_into_values) {
  EXPECT_TRUE(is_met("begins_with(a, :ap)"));
  EXPECT_FALSE(is_met("begins_with(a, :pear)"));
  EXPECT_TRUE(is_met("begins_with(bin, :start)"));
  EXPECT_TRUE(is_met("contains(letters, :x)"));
  EXPECT_FALSE(is_met("contains(letters, :ap)"));
  EXPECT_TRUE(is_met("contains(a, :ap)"));
  EXPECT_TRUE(is_met("contains(queue, :two)"));
  EXPECT_TRUE(is_met("attribute_type(letters, :type)"));
  EXPECT_TRUE(is_met("size(letters) = :two"));
  EXPECT_TRUE(is_met("size(a) = :five"));
}

TEST(dynamodb_condition, paths_lead_into_documents) {
  EXPECT_TRUE(is_met("attribute_exists(doc.core)"));
  EXPECT_FALSE(is_met("attribute_exists(doc.shell)"));
  EXPECT_TRUE(is_met("queue[1] = :two"));
  EXPECT_FALSE(is_met("attribute_exists(queue[2])"));
  EXPECT_FALSE(is_met("attribute_exists(a.core)"));
}

TEST(dynamodb_condition, between_and_in_take_lists) {
  EXPECT_TRUE(is_met("n BETWEEN :two AND :ten"));
  EXPECT_FALSE(is_met("n between :ten and :ten"));
  EXPECT_TRUE(is_met("a IN (:pear, :apple)"));
  EXPECT_FALSE(is_met("a IN (:pear, :x)"));
  EXPECT_FALSE(is_met("gone IN (:pear)"));
}

TEST(dynamodb_condition, not_binds_before_and_and_before_or) {
  EXPECT_TRUE(is_met("a = :apple OR n = :ten AND n = :two"));
  EXPECT_FALSE(is_met("(a = :apple OR n = :ten) AND n = :two"));
  EXPECT_FALSE(is_met("NOT a = :apple AND n = :two"));
  EXPECT_TRUE(is_met("NOT (a = :apple AND n = :two)"));
  EXPECT_TRUE(is_met("not attribute_exists(#o) or #o = :x"));
  EXPECT_TRUE(is_met("NOT NOT a = :apple"));
}

TEST(dynamodb_condition, what_does_not_parse_is_refused_where_it_stands) {
  EXPECT_EQ(refusal("a = "), R"(Invalid ConditionExpression: Syntax error; token: <EOF>, near: "=")");
  EXPECT_EQ(refusal("a == :apple"), R"(Invalid ConditionExpression: Syntax error; token: "=", near: "= = :apple")");
  EXPECT_THAT(refusal("a = :apple b"), HasSubstr("Syntax error; token: \"b\""));
  EXPECT_THAT(refusal("(a = :apple"), HasSubstr("Syntax error; token: <EOF>"));
  EXPECT_THAT(refusal("a"), HasSubstr("Syntax error"));
  EXPECT_THAT(refusal("a $ b"), HasSubstr("token: \"$\""));
  EXPECT_EQ(refusal("   "), "Invalid ConditionExpression: The expression can not be empty;");
}

TEST(dynamodb_condition, reserved_words_need_a_name) {
  EXPECT_EQ(refusal("attribute_not_exists(key)"),
            "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: key");
  EXPECT_THAT(refusal("Ttl < :ten"), HasSubstr("reserved keyword: Ttl"));
  EXPECT_EQ(refusal("attribute_not_exists(#o)"), "");
}

TEST(dynamodb_condition, undefined_placeholders_are_refused) {
  EXPECT_EQ(refusal("#b = :apple"),
            "Invalid ConditionExpression: An expression attribute name used in the document path is not defined; "
            "attribute name: #b");
  EXPECT_EQ(refusal("a = :banana"),
            "Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute "
            "value: :banana");
}

TEST(dynamodb_condition, operands_must_suit_their_operator) {
  EXPECT_THAT(refusal("attribute_exists(:apple)"), HasSubstr("requires a document path"));
  EXPECT_THAT(refusal("attribute_exists(a, n)"), HasSubstr("number of operands: 2"));
  EXPECT_THAT(refusal("begins_with(a, :five)"), HasSubstr("operand type: N"));
  EXPECT_THAT(refusal("a < :true"), HasSubstr("operand type: BOOL"));
  EXPECT_THAT(refusal("a = #a"), HasSubstr("The first operand must be distinct"));
  EXPECT_THAT(refusal("n BETWEEN :ten AND :two"), HasSubstr("upper bound to be greater than or equal to lower bound"));
  EXPECT_THAT(refusal("n BETWEEN :two AND :apple"), HasSubstr("same data type"));
  EXPECT_THAT(refusal("exists(a)"), HasSubstr("Invalid function name; function: exists"));
}

TEST(dynamodb_condition, redundant_parentheses_are_refused) {
  EXPECT_THAT(refusal("((a = :apple))"), HasSubstr("The expression has redundant parentheses;"));
  EXPECT_EQ(refusal("(a = :apple)"), "");
  EXPECT_EQ(refusal("((a = :apple) AND (n = :five))"), "");
  EXPECT_EQ(refusal("(NOT (a = :apple))"), "");
}

TEST(dynamodb_condition, nesting_and_length_are_bounded) {
  std::string deep = "a = :apple";
  for (int i = 0; i < 99; ++i) deep = "(b = :true OR " + deep + ")";

  EXPECT_EQ(refusal("(" + deep + " AND a = :apple)"), "");
  EXPECT_THAT(refusal("(a = :apple AND (a = :apple AND " + deep + "))"), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(std::string(4000, '(')), StartsWith("Invalid ConditionExpression"));
  EXPECT_THAT(refusal(std::string(5000, ' ') + "a = :apple"), HasSubstr("expression size: 5010"));
}

TEST(dynamodb_condition, placeholders_must_be_used_and_well_formed) {
  const auto given = [](std::string_view text) { return placeholders::read(boost::json::parse(text).as_object()); };
  auto known = given(R"({"ConditionExpression":"a = :v","ExpressionAttributeNames":{"#n":"name"},
                         "ExpressionAttributeValues":{":v":{"S":"v"},":w":{"S":"w"}}})")
                   .value();

  EXPECT_TRUE(known.value(":v"));
  EXPECT_TRUE(known.name("#n"));

  EXPECT_EQ(known.all_used().error().message,
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}");
  EXPECT_EQ(given(R"({"ExpressionAttributeNames":{"#n":"name"}})").error().message,
            "ExpressionAttributeNames can only be specified when using expressions");
  EXPECT_EQ(given(R"({"ConditionExpression":"a","ExpressionAttributeValues":{}})").error().message,
            "ExpressionAttributeValues must not be empty");
  EXPECT_THAT(given(R"({"ConditionExpression":"a","ExpressionAttributeNames":{"n":"name"}})").error().message,
              HasSubstr("contains invalid key"));
}

}  // namespace
}  // namespace lifehook::simulator
