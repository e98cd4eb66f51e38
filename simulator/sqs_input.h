#pragma once

#include "simulator/service.h"
#include "simulator/sqs_attributes.h"

#include <boost/json/array.hpp>

namespace lifehook::simulator {

// How SQS reads the members of a request, with its own words for what is wrong.
boost::system::result<std::string_view, fault> required_text(const boost::json::object& from, std::string_view name);

struct number_range {
  std::int64_t low, high;
};
// `fallback` when absent; InvalidParameterValue out of range or not a number.
boost::system::result<std::int64_t, fault> number_or(const boost::json::object& from, std::string_view name,
                                                     std::int64_t fallback, number_range within);
// The strings of a list, none when absent; anything else in it is skipped.
std::vector<std::string> texts(const boost::json::object& from, std::string_view name);
attribute_map text_map(const boost::json::object& from, std::string_view name);

// The entries of a batch: one to ten objects with distinct, well-formed ids.
boost::system::result<boost::json::array*, fault> batch_entries(boost::json::object& from);

}  // namespace lifehook::simulator
