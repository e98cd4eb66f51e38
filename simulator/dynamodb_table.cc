#include "simulator/dynamodb_table.h"

#include <fmt/format.h>

#include <charconv>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::string_view wrong_parameters = "One or more parameter values were invalid: ";

or_fault<std::string> key_bytes(const key_attribute& of, const json::object& item) {
  const auto* value = item.if_contains(of.name);
  if (!value) return invalid_value(fmt::format("{}Missing the key {} in the item", wrong_parameters, of.name));
  if (type_of(*value) != of.type)
    return invalid_value(fmt::format("{}Type mismatch for key {} expected: {} actual: {}", wrong_parameters, of.name,
                                     of.type, type_of(*value)));
  if (inside(*value).get_string().empty())
    return invalid_value(
        fmt::format("One or more parameter values are not valid. The AttributeValue for a key "
                    "attribute cannot contain an empty {} value. Key: {}",
                    of.type == "B" ? "binary" : "string", of.name));
  return sort_bytes(*value);
}

or_fault<> check_size(const std::string& bytes, std::size_t most, std::string_view which) {
  if (bytes.size() <= most) return {};
  return invalid_value(
      fmt::format("{}Size of {} has exceeded the maximum size limit of {} bytes", wrong_parameters, which, most));
}

std::optional<time_point> time_in(const json::object& item, std::string_view attribute) {
  const auto* value = item.if_contains(attribute);
  if (!value || type_of(*value) != "N") return std::nullopt;
  const std::string_view text = inside(*value).get_string();
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t year_9999 = 253'402'300'799;
  if (read.ec != std::errc() || seconds < 0 || seconds > year_9999) return std::nullopt;
  return time_point(std::chrono::seconds(seconds));
}

}  // namespace

dynamodb_table::dynamodb_table(std::string name, key_attribute partition, std::optional<key_attribute> sort)
    : name_(std::move(name)), partition_(std::move(partition)), sort_(std::move(sort)) {}

or_fault<item_key> dynamodb_table::key_in(const json::object& item) const {
  constexpr std::size_t longest_partition = 2048, longest_sort = 1024;
  auto partition = key_bytes(partition_, item);
  if (!partition) return partition.error();
  if (auto fits = check_size(*partition, longest_partition, "hashkey"); !fits) return fits.error();
  if (!sort_) return item_key{*std::move(partition), {}};
  auto within = key_bytes(*sort_, item);
  if (!within) return within.error();
  if (auto fits = check_size(*within, longest_sort, "rangekey"); !fits) return fits.error();
  return item_key{*std::move(partition), *std::move(within)};
}

or_fault<item_key> dynamodb_table::key_of(const json::object& key) const {
  const auto fits = [&key](const key_attribute& of) {
    const auto* value = key.if_contains(of.name);
    return value && type_of(*value) == of.type;
  };
  if (key.size() != (sort_ ? 2U : 1U) || !fits(partition_) || (sort_ && !fits(*sort_)))
    return invalid_value("The provided key element does not match the schema");
  return key_in(key);
}

json::object dynamodb_table::key_part(const json::object& item) const {
  json::object key{{partition_.name, item.at(partition_.name)}};
  if (sort_) key.emplace(sort_->name, item.at(sort_->name));
  return key;
}

bool dynamodb_table::is_key(std::string_view attribute) const {
  return attribute == partition_.name || (sort_ && attribute == sort_->name);
}

const json::object* dynamodb_table::find(const item_key& key) const {
  const auto found = items_.find(key);
  return found == items_.end() ? nullptr : &found->second;
}

void dynamodb_table::put(item_key key, json::object item) { items_.insert_or_assign(std::move(key), std::move(item)); }

void dynamodb_table::remove_expired(time_point dead) {
  if (ttl_attribute.empty()) return;
  const auto too_old = dead - std::chrono::years(5);
  std::erase_if(items_, [&](const auto& each) {
    const auto until = time_in(each.second, ttl_attribute);
    return until && *until < dead && *until > too_old;
  });
}

}  // namespace lifehook::simulator
