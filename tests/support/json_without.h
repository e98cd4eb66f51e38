#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <span>
#include <string_view>

namespace lifehook::test {

// What is left of a JSON value without the members of those names, at any depth.
inline boost::json::value json_without(const boost::json::value& whole, std::span<const std::string_view> names) {
  if (const auto* const list = whole.if_array()) {
    boost::json::array left;
    for (const auto& each : *list) left.push_back(json_without(each, names));
    return left;
  }
  const auto* const object = whole.if_object();
  if (object == nullptr) return whole;
  boost::json::object left;
  for (const auto& [name, value] : *object)
    if (std::find(names.begin(), names.end(), name) == names.end()) left[name] = json_without(value, names);
  return left;
}

}  // namespace lifehook::test
