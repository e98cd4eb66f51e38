#include "simulator/dynamodb_wire.h"

#include "simulator/crc32.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 1024 * 1024;

// What both ask of the items they pass over.
struct reading {
  placeholders known;
  std::optional<condition> filter;
  std::vector<document_path> onto;
  std::optional<item_key> after;
  std::size_t limit = SIZE_MAX;
  bool counts_only = false;
};

or_fault<std::size_t> limit_in(const json::object& asked) {
  const auto limit = number_of(asked, "Limit");
  if (limit && *limit < 1)
    return invalid_value(
        "1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value greater "
        "than "
        "or equal to 1");
  return or_fault<std::size_t>(boost::system::in_place_value, limit ? static_cast<std::size_t>(*limit) : SIZE_MAX);
}

or_fault<std::optional<item_key>> start_in(const json::object& asked, const dynamodb_table& table) {
  if (!asked.contains("ExclusiveStartKey")) return std::optional<item_key>();
  const auto start = read_item(object_of(asked, "ExclusiveStartKey"));
  if (!start) return start.error();
  const auto key = table.key_of(*start);
  if (!key) return invalid_value("The provided starting key is invalid");
  return std::optional(*key);
}

or_fault<reading> reading_in(const json::object& asked, const dynamodb_table& table) {
  if (auto modern = check_modern(asked); !modern) return modern.error();
  if (asked.contains("IndexName"))
    return invalid_value("The table does not have the specified index: " + text_of(asked, "IndexName"));
  auto known = placeholders::read(asked);
  if (!known) return known.error();
  auto filter = condition_in(asked, "FilterExpression", *known);
  if (!filter) return filter.error();
  auto onto = projection_in(asked, *known);
  if (!onto) return onto.error();
  const auto limit = limit_in(asked);
  if (!limit) return limit.error();
  const auto after = start_in(asked, table);
  if (!after) return after.error();
  return reading{
      *std::move(known), *std::move(filter), *std::move(onto), *after, *limit, text_of(asked, "Select") == "COUNT"};
}

// Passes over items in order until a page is full.
class page {
 public:
  page(const dynamodb_table& table, const reading& by) : table_(table), by_(by) {}

  bool full() const { return scanned_ == by_.limit || bytes_ > largest_page; }
  void pass(const json::object& item) {
    ++scanned_;
    bytes_ += size_of(item);
    last_ = &item;
    if (!by_.filter || holds(*by_.filter, item)) items_.push_back(projected(item, by_.onto));
  }
  answered take(const json::object& asked) && {
    json::object said{{"Count", items_.size()}, {"ScannedCount", scanned_}};
    if (full()) said.emplace("LastEvaluatedKey", table_.key_part(*last_));
    if (!by_.counts_only) said.emplace("Items", std::move(items_));
    add_capacity(said, asked, std::max(0.5, std::floor(static_cast<double>(bytes_) / 4096) * 0.5));
    return answer{std::move(said), {}};
  }

 private:
  const dynamodb_table& table_;
  const reading& by_;
  json::array items_;
  std::size_t scanned_ = 0, bytes_ = 0;
  const json::object* last_ = nullptr;
};

// A KeyConditionExpression taken apart: the partition key's value, and a test of the sort key.
struct key_range {
  std::string partition;
  std::optional<condition> sort;
};

const std::string* attribute_of(const condition& of) {
  const auto* path = of.how == joint::test ? std::get_if<document_path>(&of.operands.front().of) : nullptr;
  return path && path->size() == 1 ? std::get_if<std::string>(&path->front()) : nullptr;
}

fault unsupported() { return invalid_value("Query key condition not supported"); }

bool tests_a_sort_key(const condition& of) {
  return of.what == test::equal || of.what == test::begins || of.what == test::between ||
         (of.what >= test::less && of.what <= test::at_least);
}

or_fault<> add_part(key_range& to, const condition& part, const dynamodb_table& table) {
  const auto* name = attribute_of(part);
  const auto* value = name ? std::get_if<json::value>(&part.operands.back().of) : nullptr;
  if (!value) return unsupported();
  const bool is_partition = *name == table.partition().name;
  if (!is_partition && (!table.sort() || *name != table.sort()->name)) return unsupported();
  const auto& type = is_partition ? table.partition().type : table.sort()->type;
  if (type_of(*value) != type)
    return invalid_value(
        "One or more parameter values were invalid: Condition parameter type does not match schema type");
  if (!is_partition && tests_a_sort_key(part) && !to.sort) {
    to.sort = part;
  } else if (is_partition && part.what == test::equal && to.partition.empty()) {
    to.partition = sort_bytes(*value);
  } else {
    return unsupported();
  }
  return {};
}

or_fault<key_range> range_in(const json::object& asked, const dynamodb_table& table, placeholders& known) {
  const auto whole = condition_in(asked, "KeyConditionExpression", known);
  if (!whole) return whole.error();
  if (!*whole)
    return invalid_value(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
  const auto parts = (*whole)->how == joint::all ? (*whole)->parts : std::vector<condition>{**whole};
  key_range range;
  for (const auto& part : parts)
    if (auto added = add_part(range, part, table); !added) return added.error();
  if (range.partition.empty())
    return invalid_value("Query condition missed key schema element: " + table.partition().name);
  return range;
}

bool in_segment(const std::string& partition, const json::object& asked) {
  const auto count = number_of(asked, "TotalSegments").value_or(1);
  return count <= 1 || crc32(partition) % count == number_of(asked, "Segment").value_or(0);
}

}  // namespace

answered query(dynamodb_model& model, const json::object& asked) {
  const auto table = model.active(text_of(asked, "TableName"));
  if (!table) return table.error();
  auto by = reading_in(asked, **table);
  if (!by) return by.error();
  const auto range = range_in(asked, **table, by->known);
  if (!range) return range.error();
  if (auto used = by->known.all_used(); !used) return used.error();

  std::vector<const std::pair<const item_key, json::object>*> found;
  for (auto each = (*table)->items().lower_bound({range->partition, {}});
       each != (*table)->items().end() && each->first.partition == range->partition; ++each)
    if (!range->sort || holds(*range->sort, each->second)) found.push_back(&*each);
  const auto* forward = asked.if_contains("ScanIndexForward");
  const bool backward = forward && forward->is_bool() && !forward->get_bool();
  if (backward) std::ranges::reverse(found);

  page told(**table, *by);
  for (const auto* each : found) {
    if (told.full()) break;
    const bool passed = by->after && (backward ? each->first >= *by->after : each->first <= *by->after);
    if (!passed) told.pass(each->second);
  }
  return std::move(told).take(asked);
}

answered scan(dynamodb_model& model, const json::object& asked) {
  const auto table = model.active(text_of(asked, "TableName"));
  if (!table) return table.error();
  const auto by = reading_in(asked, **table);
  if (!by) return by.error();
  if (auto used = by->known.all_used(); !used) return used.error();
  page told(**table, *by);
  const auto& items = (*table)->items();
  for (auto each = by->after ? items.upper_bound(*by->after) : items.begin(); each != items.end() && !told.full();
       ++each)
    if (in_segment(each->first.partition, asked)) told.pass(each->second);
  return std::move(told).take(asked);
}

}  // namespace lifehook::simulator
