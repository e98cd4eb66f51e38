#include "aws/json_fields.h"

#include <algorithm>
#include <limits>

namespace lifehook::aws {

namespace json = boost::json;

namespace {

const json::array& list_of(const json::object& in, std::string_view name) {
  static const json::array none;
  const auto* const found = in.if_contains(name);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

}  // namespace

std::string text_of(const json::object& in, std::string_view name) {
  const auto* const found = in.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::optional<int> whole_number_of(const json::object& in, std::string_view name) {
  using limits = std::numeric_limits<int>;
  const auto* const found = in.if_contains(name);
  const auto* const number = found == nullptr ? nullptr : found->if_int64();
  if (number == nullptr || *number < limits::min() || *number > limits::max()) return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<int> count_of(const json::object& in, std::string_view name) {
  const auto number = whole_number_of(in, name);
  return number && *number >= 0 ? number : std::nullopt;
}

bool flag_of(const json::object& in, std::string_view name, bool otherwise) {
  const auto* const found = in.if_contains(name);
  return found != nullptr && found->is_bool() ? found->get_bool() : otherwise;
}

const json::object& object_of(const json::object& in, std::string_view name) {
  static const json::object none;
  const auto* const found = in.if_contains(name);
  return found != nullptr && found->is_object() ? found->get_object() : none;
}

bool has_list(const json::object& in, std::string_view name) {
  const auto* const found = in.if_contains(name);
  if (found == nullptr || !found->is_array()) return false;
  const auto& members = found->get_array();
  return std::all_of(members.begin(), members.end(), [](const json::value& each) { return each.is_object(); });
}

std::vector<std::string> texts_of(const json::object& in, std::string_view name) {
  std::vector<std::string> texts;
  for (const auto& each : list_of(in, name))
    if (each.is_string()) texts.emplace_back(each.get_string());
  return texts;
}

std::vector<const json::object*> objects_of(const json::object& in, std::string_view name) {
  std::vector<const json::object*> objects;
  for (const auto& each : list_of(in, name))
    if (each.is_object()) objects.push_back(&each.get_object());
  return objects;
}

json::array array_of(const std::vector<std::string>& texts) {
  json::array made;
  made.reserve(texts.size());
  for (const auto& text : texts) made.emplace_back(text);
  return made;
}

}  // namespace lifehook::aws
