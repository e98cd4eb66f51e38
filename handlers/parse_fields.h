#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace lifehook::handlers {

// Reading fields of foreign JSON: views into the document, which they must not outlive. A field of the wrong kind
// counts as absent, so that what AWS adds or changes beside the fields we need does no harm.

std::string_view text_field(const boost::json::object& from, std::string_view key);  // empty when absent
const boost::json::object* object_field(const boost::json::object& from, std::string_view key);
std::optional<time_point> time_field(const boost::json::object& from,
                                     std::string_view key);  // nullopt when unreadable too

// The characters AWS allows in ids and names, and what is safe in a request, a log line and an image's name.
bool is_instance_id(std::string_view text);                     // i-0a1b2c3d4e5f60718, i-0a1b2c3d
bool is_printable(std::string_view text, std::size_t longest);  // may be empty; no control characters
// The instance of an id or of an ARN that ends in one; empty when it is neither.
std::string_view instance_of(std::string_view id_or_arn);

}  // namespace lifehook::handlers
