#include "aws/dynamodb.h"

#include "aws/json_document.h"
#include "aws/json_fields.h"
#include "aws/services.h"
#include "base/number.h"

namespace lifehook::aws {

namespace {

namespace json = boost::json;

constexpr unsigned attempts = 4;  // as the SDKs do for DynamoDB

json::object written(const attribute& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) return {{"S", *text}};
  return {{"N", std::to_string(std::get<std::int64_t>(value))}};
}

json::object written(const attributes& values) {
  json::object made;
  for (const auto& [name, value] : values) made[name] = written(value);
  return made;
}

json::object key_of(std::string of) { return {{dynamodb::key, json::object{{"S", std::move(of)}}}}; }

void add_condition(json::object& to, const condition& when) {
  if (when.expression.empty()) return;
  to["ConditionExpression"] = when.expression;
  if (!when.names.empty()) {
    auto& names = to["ExpressionAttributeNames"].emplace_object();
    for (const auto& [alias, name] : when.names) names[alias] = name;
  }
  if (!when.values.empty()) to["ExpressionAttributeValues"] = written(when.values);
}

std::optional<attribute> read_attribute(const json::object& from) {
  if (const auto* const text = from.if_contains("S"); text != nullptr && text->is_string())
    return std::string(text->get_string());
  if (const auto number = parse_number<std::int64_t>(text_of(from, "N"))) return *number;
  return std::nullopt;
}

attributes read_attributes(const json::object& from) {
  attributes read;
  for (const auto& [name, value] : from)
    if (auto one = value.is_object() ? read_attribute(value.get_object()) : std::nullopt)
      read.emplace(name, *std::move(one));
  return read;
}

task<result<>> write(client& with, std::string_view operation, json::object body) {
  auto answer = co_await with.call(services::dynamodb, operation, std::move(body), {.attempts = attempts});
  if (!answer) co_return std::move(answer).error();
  co_return result<>();
}

}  // namespace

bool is_condition_unmet(const error& why) { return why.aws_code() == "ConditionalCheckFailedException"; }

task<result<std::optional<attributes>>> dynamodb::get(std::string of) {
  json::object body{{"TableName", table_}, {"Key", key_of(std::move(of))}, {"ConsistentRead", true}};
  auto answer = co_await client_.call(services::dynamodb, "GetItem", std::move(body), {.attempts = attempts});
  if (!answer) co_return std::move(answer).error();
  const auto* const found = answer->root().if_contains("Item");
  if (found == nullptr) co_return std::optional<attributes>();
  if (!found->is_object()) co_return error{errc::unreachable, "GetItem: an answer with an Item that is no object"};
  co_return std::optional(read_attributes(found->get_object()));
}

task<result<>> dynamodb::put(attributes whole, condition when) {
  json::object body{{"TableName", table_}, {"Item", written(whole)}};
  add_condition(body, when);
  return write(client_, "PutItem", std::move(body));
}

task<result<>> dynamodb::remove(std::string of, condition when) {
  json::object body{{"TableName", table_}, {"Key", key_of(std::move(of))}};
  add_condition(body, when);
  return write(client_, "DeleteItem", std::move(body));
}

}  // namespace lifehook::aws
