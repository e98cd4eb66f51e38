#include "simulator/dynamodb_update.h"
#include "simulator/dynamodb_wire.h"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_item = 400 * 1024;

// All that a request on one item says in expressions.
struct expressions {
  std::optional<condition> when;
  bool shows_old = false;  // of an item whose condition is unmet
  update change;
  std::vector<document_path> onto;
};

or_fault<bool> shows_old(const json::object& asked) {
  const auto wanted = text_of(asked, "ReturnValuesOnConditionCheckFailure");
  if (wanted.empty() || wanted == "NONE" || wanted == "ALL_OLD")
    return or_fault<bool>(boost::system::in_place_value, wanted == "ALL_OLD");
  return invalid_value(
      "1 validation error detected: Value at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: "
      "Member "
      "must satisfy enum value set: [ALL_OLD, NONE]");
}

or_fault<update> change_in(const json::object& asked, placeholders& known) {
  if (!asked.contains("UpdateExpression")) return update();
  return read_update(text_of(asked, "UpdateExpression"), known);
}

or_fault<expressions> expressions_in(const json::object& asked) {
  if (auto modern = check_modern(asked); !modern) return modern.error();
  auto known = placeholders::read(asked);
  if (!known) return known.error();
  auto when = condition_in(asked, "ConditionExpression", *known);
  if (!when) return when.error();
  auto change = change_in(asked, *known);
  if (!change) return change.error();
  auto onto = projection_in(asked, *known);
  if (!onto) return onto.error();
  const auto shown = shows_old(asked);
  if (!shown) return shown.error();
  if (auto used = known->all_used(); !used) return used.error();
  return expressions{*std::move(when), *shown, *std::move(change), *std::move(onto)};
}

or_fault<> check(const expressions& by, const json::object* current) {
  if (!by.when || holds(*by.when, current ? *current : json::object())) return {};
  fault unmet{400, "ConditionalCheckFailedException", "The conditional request failed"};
  if (by.shows_old && current) unmet.details.emplace("Item", *current);
  return unmet;
}

fault wrong_return_values() { return invalid_value("Return values set to invalid value"); }

or_fault<json::object> attributes_in(const json::object& asked, std::string_view name) {
  if (!asked.contains(name))
    return invalid_value(fmt::format(
        "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null", name));
  return read_item(object_of(asked, name));
}

// Where an item is or would be.
struct place {
  dynamodb_table* table = nullptr;
  item_key key;
  const json::object* current = nullptr;
};

using key_rule = or_fault<item_key> (dynamodb_table::*)(const json::object&) const;

or_fault<place> place_of(dynamodb_model& model, const json::object& asked, const json::object& item, key_rule rule) {
  const auto table = model.active(text_of(asked, "TableName"));
  if (!table) return table.error();
  const auto key = ((**table).*rule)(item);
  if (!key) return key.error();
  return place{*table, *key, (*table)->find(*key)};
}

// What GetItem, DeleteItem and UpdateItem are about: an item named by its key.
struct keyed {
  expressions by;
  json::object key;
  place at;
};

or_fault<keyed> keyed_in(dynamodb_model& model, const json::object& asked) {
  auto by = expressions_in(asked);
  if (!by) return by.error();
  auto key = attributes_in(asked, "Key");
  if (!key) return key.error();
  auto at = place_of(model, asked, *key, &dynamodb_table::key_of);
  if (!at) return at.error();
  return keyed{*std::move(by), *std::move(key), *std::move(at)};
}

answered wrote(const json::object& asked, json::object attributes) {
  json::object said;
  if (!attributes.empty()) said.emplace("Attributes", std::move(attributes));
  add_capacity(said, asked, 1.0);
  return answer{std::move(said), {}};
}

// What PutItem and DeleteItem show of what stood there before.
or_fault<json::object> shown_old(const json::object& asked, const json::object* current) {
  const auto wanted = text_of(asked, "ReturnValues");
  if (!wanted.empty() && wanted != "NONE" && wanted != "ALL_OLD") return wrong_return_values();
  return wanted == "ALL_OLD" && current ? *current : json::object();
}

// Of an item the attributes an update has to do with.
json::object touched(const json::object& item, const update& by) {
  const auto paths = by.paths();
  return paths.empty() ? json::object() : projected(item, paths);
}

or_fault<json::object> shown_update(const json::object& asked, const json::object* before, const json::object& after,
                                    const update& by) {
  const auto wanted = text_of(asked, "ReturnValues");
  auto old = before ? *before : json::object();
  if (wanted.empty() || wanted == "NONE") return json::object();
  if (wanted == "ALL_OLD") return old;
  if (wanted == "ALL_NEW") return after;
  if (wanted == "UPDATED_OLD") return touched(old, by);
  if (wanted == "UPDATED_NEW") return touched(after, by);
  return wrong_return_values();
}

or_fault<> check_untouched(const dynamodb_table& table, const update& by) {
  for (const auto& path : by.paths())
    if (const auto& name = std::get<std::string>(path.front()); table.is_key(name))
      return invalid_value("One or more parameter values were invalid: Cannot update attribute " + name +
                           ". This attribute is part of the key");
  return {};
}

}  // namespace

answered get_item(dynamodb_model& model, const json::object& asked) {
  const auto of = keyed_in(model, asked);
  if (!of) return of.error();
  json::object said;
  if (of->at.current) said.emplace("Item", projected(*of->at.current, of->by.onto));
  add_capacity(said, asked, flag_of(asked, "ConsistentRead") ? 1.0 : 0.5);
  return answer{std::move(said), {}};
}

answered put_item(dynamodb_model& model, const json::object& asked) {
  const auto by = expressions_in(asked);
  if (!by) return by.error();
  auto item = attributes_in(asked, "Item");
  if (!item) return item.error();
  if (size_of(*item) > largest_item) return invalid_value("Item size has exceeded the maximum allowed size");
  const auto at = place_of(model, asked, *item, &dynamodb_table::key_in);
  if (!at) return at.error();
  auto shown = shown_old(asked, at->current);
  if (!shown) return shown.error();
  if (auto met = check(*by, at->current); !met) return met.error();
  at->table->put(at->key, *std::move(item));
  return wrote(asked, *std::move(shown));
}

answered delete_item(dynamodb_model& model, const json::object& asked) {
  const auto of = keyed_in(model, asked);
  if (!of) return of.error();
  auto shown = shown_old(asked, of->at.current);
  if (!shown) return shown.error();
  if (auto met = check(of->by, of->at.current); !met) return met.error();
  of->at.table->erase(of->at.key);
  return wrote(asked, *std::move(shown));
}

answered update_item(dynamodb_model& model, const json::object& asked) {
  const auto of = keyed_in(model, asked);
  if (!of) return of.error();
  if (auto apart = check_untouched(*of->at.table, of->by.change); !apart) return apart.error();
  if (auto met = check(of->by, of->at.current); !met) return met.error();
  auto after = updated(of->at.current ? *of->at.current : of->key, of->by.change);
  if (!after) return after.error();
  if (size_of(*after) > largest_item) return invalid_value("Item size to update has exceeded the maximum allowed size");
  auto shown = shown_update(asked, of->at.current, *after, of->by.change);
  if (!shown) return shown.error();
  of->at.table->put(of->at.key, *std::move(after));
  return wrote(asked, *std::move(shown));
}

}  // namespace lifehook::simulator
