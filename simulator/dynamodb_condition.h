#pragma once

#include "simulator/dynamodb_expression.h"

namespace lifehook::simulator {

// What a test compares: an attribute, the size of one, or a value.
struct operand {
  std::variant<document_path, boost::json::value> of;
  bool as_size = false;

  bool operator==(const operand&) const = default;
};

enum class test {
  equal,
  unequal,
  less,
  at_most,
  more,
  at_least,
  between,
  one_of,
  exists,
  absent,
  has_type,
  begins,
  contains
};

enum class joint { test, all, any, opposite };

// A condition as DynamoDB's grammar has it: tests joined by AND, OR, NOT.
struct condition {
  joint how = joint::test;
  test what = test::equal;
  std::vector<operand> operands;  // of a test
  std::vector<condition> parts;   // of the others
};

// Reads a ConditionExpression, FilterExpression or KeyConditionExpression (`kind`); ValidationException with DynamoDB's
// text for what it would refuse. Parentheses and NOT nest at most 100 deep.
or_fault<condition> read_condition(std::string_view kind, std::string_view text, placeholders& known);

// An item that does not exist is an empty one. Values of different types are unequal and have no order; an attribute
// that is not there fails every test but attribute_not_exists and <>.
bool holds(const condition& of, const boost::json::object& item);

}  // namespace lifehook::simulator
