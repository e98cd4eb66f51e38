#include "simulator/json_body.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace lifehook::simulator {

namespace json = boost::json;

std::string text_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> number_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (!value || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<duration> seconds_of(const json::object& from, std::string_view name) {
  constexpr double longest = 1e9;
  const auto* value = from.if_contains(name);
  boost::system::error_code failed;
  if (!value || !value->is_number()) return std::nullopt;
  const auto count = value->to_number<double>(failed);
  return duration(static_cast<duration::rep>(std::clamp(count, 0.0, longest) * 1e6));
}

bool flag_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_bool() && value->get_bool();
}

json::object object_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_object() ? value->get_object() : json::object();
}

std::vector<std::string> texts_of(const json::object& from, std::string_view name) {
  std::vector<std::string> texts;
  const auto* value = from.if_contains(name);
  if (!value || !value->is_array()) return texts;
  for (const auto& each : value->get_array())
    if (each.is_string()) texts.emplace_back(each.get_string());
  return texts;
}

double epoch_seconds(time_point when) { return std::chrono::duration<double>(when.time_since_epoch()).count(); }

}  // namespace lifehook::simulator
