#include "simulator/dynamodb_wire.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr duration creating = std::chrono::seconds(3);
constexpr duration deleting = std::chrono::seconds(3);

fault no_table(const json::object& asked) {
  return {400, "ResourceNotFoundException",
          fmt::format("Requested resource not found: Table: {} not found", text_of(asked, "TableName"))};
}

fault in_use(std::string message) { return {400, "ResourceInUseException", std::move(message)}; }

bool is_table_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  };
  return name.size() >= 3 && name.size() <= 255 && std::ranges::all_of(name, allowed);
}

std::vector<json::object> objects_of(const json::object& from, std::string_view name) {
  std::vector<json::object> all;
  const auto* value = from.if_contains(name);
  if (!value || !value->is_array()) return all;
  for (const auto& each : value->get_array())
    if (each.is_object()) all.push_back(each.get_object());
  return all;
}

std::optional<key_attribute> key_of_kind(const json::object& asked, std::string_view kind) {
  for (const auto& part : objects_of(asked, "KeySchema")) {
    if (text_of(part, "KeyType") != kind) continue;
    for (const auto& defined : objects_of(asked, "AttributeDefinitions"))
      if (text_of(defined, "AttributeName") == text_of(part, "AttributeName"))
        return key_attribute{text_of(defined, "AttributeName"), text_of(defined, "AttributeType")};
  }
  return std::nullopt;
}

or_fault<dynamodb_table> read_table(const json::object& asked) {
  const auto name = text_of(asked, "TableName");
  if (!is_table_name(name))
    return invalid_value(
        "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only "
        "the characters a-z, A-Z, 0-9, '_', '-', and '.'");
  for (const auto* unknown : {"GlobalSecondaryIndexes", "LocalSecondaryIndexes", "StreamSpecification"})
    if (asked.contains(unknown)) return invalid_value(fmt::format("{} are not simulated", unknown));
  const auto partition = key_of_kind(asked, "HASH");
  const auto sort = key_of_kind(asked, "RANGE");
  const auto keys = objects_of(asked, "KeySchema").size();
  if (!partition || keys != (sort ? 2U : 1U))
    return invalid_value(
        "One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions");
  if (objects_of(asked, "AttributeDefinitions").size() != keys)
    return invalid_value(
        "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of "
        "attributes defined in AttributeDefinitions");
  for (const auto& each : {partition, sort})
    if (each && !is_ordered(each->type)) return invalid_value("Member must satisfy enum value set: [B, N, S]");
  return dynamodb_table(name, *partition, sort);
}

json::object write_table(const dynamodb_model& model, const dynamodb_table& each) {
  json::array schema{json::object{{"AttributeName", each.partition().name}, {"KeyType", "HASH"}}};
  json::array defined{json::object{{"AttributeName", each.partition().name}, {"AttributeType", each.partition().type}}};
  if (each.sort()) {
    schema.push_back(json::object{{"AttributeName", each.sort()->name}, {"KeyType", "RANGE"}});
    defined.push_back(json::object{{"AttributeName", each.sort()->name}, {"AttributeType", each.sort()->type}});
  }
  std::size_t bytes = 0;
  for (const auto& [key, item] : each.items()) bytes += size_of(item);
  return {
      {"TableName", each.name()},
      {"TableArn", each.arn},
      {"TableId", each.id},
      {"TableStatus", model.status(each)},
      {"KeySchema", std::move(schema)},
      {"AttributeDefinitions", std::move(defined)},
      {"CreationDateTime", epoch_seconds(each.created)},
      {"ItemCount", each.items().size()},
      {"TableSizeBytes", bytes},
      {"DeletionProtectionEnabled", false},
      {"BillingModeSummary", {{"BillingMode", "PAY_PER_REQUEST"}}},
      {"ProvisionedThroughput", {{"NumberOfDecreasesToday", 0}, {"ReadCapacityUnits", 0}, {"WriteCapacityUnits", 0}}}};
}

answered told(std::string_view name, json::object what) { return answer{json::object{{name, std::move(what)}}, {}}; }

}  // namespace

answered create_table(dynamodb_model& model, const json::object& asked) {
  auto made = read_table(asked);
  if (!made) return made.error();
  if (model.find(made->name())) return in_use("Table already exists: " + made->name());
  return told("TableDescription", write_table(model, model.create(*std::move(made), creating)));
}

answered describe_table(dynamodb_model& model, const json::object& asked) {
  const auto* found = model.find(text_of(asked, "TableName"));
  if (!found) return no_table(asked);
  return told("Table", write_table(model, *found));
}

answered delete_table(dynamodb_model& model, const json::object& asked) {
  auto* found = model.find(text_of(asked, "TableName"));
  if (!found) return no_table(asked);
  if (model.status(*found) != "ACTIVE")
    return in_use("Attempt to change a resource which is still in use: Table is being " +
                  std::string(found->gone_at ? "deleted: " : "created: ") + found->name());
  model.remove(*found, deleting);
  return told("TableDescription", write_table(model, *found));
}

answered list_tables(dynamodb_model& model, const json::object& asked) {
  const auto limit = number_of(asked, "Limit").value_or(100);
  if (limit < 1 || limit > 100)
    return invalid_value("1 validation error detected: Value at 'limit' failed to satisfy constraint");
  const auto after = text_of(asked, "ExclusiveStartTableName");
  json::array names;
  json::object said;
  for (const auto& name : model.names()) {
    if (name <= after) continue;
    if (names.size() == static_cast<std::size_t>(limit)) {
      said.emplace("LastEvaluatedTableName", names.back());
      break;
    }
    names.emplace_back(name);
  }
  said.emplace("TableNames", std::move(names));
  return answer{std::move(said), {}};
}

answered update_time_to_live(dynamodb_model& model, const json::object& asked) {
  auto* found = model.find(text_of(asked, "TableName"));
  if (!found) return no_table(asked);
  if (model.status(*found) != "ACTIVE") return in_use("Table is not ACTIVE: " + found->name());
  const auto wanted = object_of(asked, "TimeToLiveSpecification");
  const auto attribute = text_of(wanted, "AttributeName");
  const bool on = flag_of(wanted, "Enabled");
  if (attribute.empty()) return invalid_value("TimeToLiveSpecification needs an AttributeName");
  if (on && !found->ttl_attribute.empty()) return invalid_value("TimeToLive is already enabled");
  if (!on && found->ttl_attribute.empty()) return invalid_value("TimeToLive is already disabled");
  if (!on && found->ttl_attribute != attribute)
    return invalid_value("TimeToLive is active on a different AttributeName: current AttributeName is " +
                         found->ttl_attribute);
  found->ttl_attribute = on ? attribute : std::string();
  return told("TimeToLiveSpecification", {{"Enabled", on}, {"AttributeName", attribute}});
}

answered describe_time_to_live(dynamodb_model& model, const json::object& asked) {
  const auto* found = model.find(text_of(asked, "TableName"));
  if (!found) return no_table(asked);
  json::object how{{"TimeToLiveStatus", found->ttl_attribute.empty() ? "DISABLED" : "ENABLED"}};
  if (!found->ttl_attribute.empty()) how.emplace("AttributeName", found->ttl_attribute);
  return told("TimeToLiveDescription", std::move(how));
}

}  // namespace lifehook::simulator
