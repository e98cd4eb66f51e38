#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::aws {

// Reads members of an AWS answer. What is absent or of another type is empty: unknown shapes are never an exception.
std::string text_of(const boost::json::object& in, std::string_view name);
std::optional<int> count_of(const boost::json::object& in, std::string_view name);
std::optional<int> whole_number_of(const boost::json::object& in, std::string_view name);  // may be negative
bool flag_of(const boost::json::object& in, std::string_view name, bool otherwise);
const boost::json::object& object_of(const boost::json::object& in, std::string_view name);
std::vector<std::string> texts_of(const boost::json::object& in, std::string_view name);
bool has_list(const boost::json::object& in, std::string_view name);  // of objects alone; be it empty
// The members of a list that are objects. Views: valid while the answer lives.
std::vector<const boost::json::object*> objects_of(const boost::json::object& in, std::string_view name);

boost::json::array array_of(const std::vector<std::string>& texts);

}  // namespace lifehook::aws
