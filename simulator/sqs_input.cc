#include "simulator/sqs_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace lifehook::simulator {
namespace {

using boost::json::array;
using boost::json::object;

bool is_entry_id(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !id.empty() && id.size() <= 80 && std::ranges::all_of(id, allowed);
}

std::string_view entry_id(const boost::json::value& entry) {
  const auto* members = entry.if_object();
  const auto* id = members ? members->if_contains("Id") : nullptr;
  return id && id->is_string() ? std::string_view(id->get_string()) : std::string_view();
}

// At most ten entries: looking at each pair is quicker than a set.
boost::system::result<void, fault> check_ids(const array& entries) {
  for (auto each = entries.begin(); each != entries.end(); ++each) {
    const auto id = entry_id(*each);
    if (!is_entry_id(id))
      return fault{400, "InvalidBatchEntryId",
                   "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at "
                   "most 80 letters long."};
    if (std::any_of(entries.begin(), each, [id](const auto& before) { return entry_id(before) == id; }))
      return fault{400, "BatchEntryIdsNotDistinct", fmt::format("Id {} repeated.", id)};
  }
  return {};
}

}  // namespace

boost::system::result<std::string_view, fault> required_text(const object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (!value || !value->is_string() || value->get_string().empty())
    return fault{400, "MissingParameter", fmt::format("The request must contain the parameter {}.", name)};
  return std::string_view(value->get_string());
}

boost::system::result<std::int64_t, fault> number_or(const object& from, std::string_view name, std::int64_t fallback,
                                                     number_range within) {
  const auto* value = from.if_contains(name);
  using read = boost::system::result<std::int64_t, fault>;  // in place: a fault could be made of a number too
  if (!value || value->is_null()) return read(boost::system::in_place_value, fallback);
  boost::system::error_code failed;
  const auto number = value->to_number<std::int64_t>(failed);
  if (!failed && number >= within.low && number <= within.high) return read(boost::system::in_place_value, number);
  return fault{400, "InvalidParameterValue",
               fmt::format("Value {} for parameter {} is invalid. Reason: Must be between {} and {}, if provided.",
                           boost::json::serialize(*value), name, within.low, within.high)};
}

std::vector<std::string> texts(const object& from, std::string_view name) {
  std::vector<std::string> all;
  const auto* value = from.if_contains(name);
  if (!value || !value->is_array()) return all;
  for (const auto& each : value->get_array())
    if (each.is_string()) all.emplace_back(each.get_string());
  return all;
}

attribute_map text_map(const object& from, std::string_view name) {
  attribute_map all;
  const auto* value = from.if_contains(name);
  if (!value || !value->is_object()) return all;
  for (const auto& [key, text] : value->get_object())
    if (text.is_string()) all.emplace(key, text.get_string());
  return all;
}

boost::system::result<array*, fault> batch_entries(object& from) {
  auto* value = from.if_contains("Entries");
  auto* entries = value ? value->if_array() : nullptr;
  if (!entries || entries->empty())
    return fault{400, "EmptyBatchRequest", "There should be at least one entry in the request."};
  if (entries->size() > 10)
    return fault{400, "TooManyEntriesInBatchRequest",
                 fmt::format("Maximum number of entries per request are 10. You have sent {}.", entries->size())};
  if (auto checked = check_ids(*entries); checked.has_error()) return std::move(checked).error();
  return entries;
}

}  // namespace lifehook::simulator
