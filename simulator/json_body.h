#pragma once

#include "base/clock.h"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifehook::simulator {

// Reading the bodies of JSON services: absent and of another type is the same.
std::string text_of(const boost::json::object& from, std::string_view name);
std::optional<std::int64_t> number_of(const boost::json::object& from, std::string_view name);
bool flag_of(const boost::json::object& from, std::string_view name);
boost::json::object object_of(const boost::json::object& from, std::string_view name);
std::optional<duration> seconds_of(const boost::json::object& from, std::string_view name);  // with fraction; 0 or more
std::vector<std::string> texts_of(const boost::json::object& from, std::string_view name);

// A time as they write it: seconds since 1970, with fraction.
double epoch_seconds(time_point when);

}  // namespace lifehook::simulator
