#pragma once

#include "simulator/dynamodb_expression.h"

namespace lifehook::simulator {

// A value to be set: an attribute's or a given one; with `unless` that attribute's own if it is there (if_not_exists).
struct update_term {
  std::variant<document_path, boost::json::value> of;
  std::optional<document_path> unless;
};

struct assignment {
  document_path to;
  update_term first;
  std::optional<update_term> second;  // to be added
  bool minus = false;                 // or taken away
};

// An UpdateExpression of SET and REMOVE clauses; ADD, DELETE and list_append are refused as not simulated. Sums are of
// whole numbers of 64 bits.
struct update {
  std::vector<assignment> sets;
  std::vector<document_path> removals;

  std::vector<document_path> paths() const;  // all it changes
};

or_fault<update> read_update(std::string_view text, placeholders& known);

// The item after the update; every value is of the item before it.
or_fault<boost::json::object> updated(const boost::json::object& before, const update& by);

}  // namespace lifehook::simulator
