#pragma once

#include "simulator/service.h"

#include <optional>

namespace lifehook::simulator {

// DynamoDB's attribute values in their JSON form, {"S":"a"}, {"N":"1"}, {"M":{...}}. Once read they are of one spelling
// (numbers as DynamoDB writes them back, sets sorted): equal values are equal JSON.
or_fault<boost::json::value> read_value(const boost::json::value& written);   // else ValidationException
or_fault<boost::json::object> read_item(const boost::json::object& written);  // attribute names to values

// Of values that were read.
std::string_view type_of(const boost::json::value& of);  // "S", "N", "M"...
const boost::json::value& inside(const boost::json::value& of);
bool is_ordered(std::string_view type);                // S, N and B are
std::string sort_bytes(const boost::json::value& of);  // compare as ordered values of one type do
std::size_t size_of(const boost::json::object& item);  // bytes, as DynamoDB counts them

fault invalid_value(std::string message);  // ValidationException

}  // namespace lifehook::simulator
