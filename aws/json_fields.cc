#include "aws/json_fields.h"

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

std::optional<int> count_of(const json::object& in, std::string_view name) {
  const auto* const found = in.if_contains(name);
  const auto* const number = found == nullptr ? nullptr : found->if_int64();
  if (number == nullptr || *number < 0 || *number > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*number);
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
