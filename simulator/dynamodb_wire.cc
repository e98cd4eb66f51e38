#include "simulator/dynamodb_wire.h"

#include <fmt/format.h>

#include <array>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

}  // namespace

const std::vector<dynamodb_action>& dynamodb_actions() {
  static const std::vector<dynamodb_action> all = {
      {"CreateTable", create_table},
      {"DescribeTable", describe_table},
      {"DeleteTable", delete_table},
      {"ListTables", list_tables},
      {"UpdateTimeToLive", update_time_to_live},
      {"DescribeTimeToLive", describe_time_to_live},
      {"GetItem", get_item},
      {"PutItem", put_item},
      {"UpdateItem", update_item},
      {"DeleteItem", delete_item},
      {"Query", query},
      {"Scan", scan},
  };
  return all;
}

or_fault<std::optional<condition>> condition_in(const json::object& asked, std::string_view name, placeholders& known) {
  if (!asked.contains(name)) return std::optional<condition>();
  auto read = read_condition(name, text_of(asked, name), known);
  if (!read) return read.error();
  return std::optional(*std::move(read));
}

or_fault<std::vector<document_path>> projection_in(const json::object& asked, placeholders& known) {
  constexpr std::string_view name = "ProjectionExpression";
  std::vector<document_path> paths;
  if (!asked.contains(name)) return paths;
  expression_reader in(name, text_of(asked, name), known);
  do paths.push_back(in.path());
  while (in.take(","));
  if (!in.at_end()) in.fail_here();
  for (const auto& path : paths)
    for (const auto& step : path)
      if (std::holds_alternative<std::size_t>(step)) in.fail("places in lists are not simulated in projections;");
  if (in.failed()) return *in.failed();
  return paths;
}

json::object projected(const json::object& item, const std::vector<document_path>& onto) {
  if (onto.empty()) return item;
  json::object kept;
  for (const auto& path : onto) {
    const auto* found = find(item, path);
    if (!found) continue;
    auto* at = &kept;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      auto& map = (*at)[std::get<std::string>(path[i])];
      if (!map.is_object()) map = json::object{{"M", json::object()}};
      at = &map.get_object().begin()->value().get_object();
    }
    at->insert_or_assign(std::get<std::string>(path.back()), *found);
  }
  return kept;
}

void add_capacity(json::object& told, const json::object& asked, double units) {
  const auto wanted = text_of(asked, "ReturnConsumedCapacity");
  if (wanted.empty() || wanted == "NONE") return;
  told.emplace("ConsumedCapacity", json::object{{"TableName", text_of(asked, "TableName")}, {"CapacityUnits", units}});
}

or_fault<> check_modern(const json::object& asked) {
  constexpr std::array<std::string_view, 7> legacy{"Expected",       "ConditionalOperator", "AttributeUpdates",
                                                   "KeyConditions",  "QueryFilter",         "ScanFilter",
                                                   "AttributesToGet"};
  for (const auto name : legacy)
    if (asked.contains(name)) return invalid_value(fmt::format("The legacy parameter {} is not simulated", name));
  return {};
}

}  // namespace lifehook::simulator
