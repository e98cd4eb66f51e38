#include "simulator/dynamodb_condition.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr int deepest = 100;

struct comparison_row {
  std::string_view symbol;
  test what;
};
constexpr std::array<comparison_row, 6> comparisons{{{"=", test::equal},
                                                     {"<>", test::unequal},
                                                     {"<", test::less},
                                                     {"<=", test::at_most},
                                                     {">", test::more},
                                                     {">=", test::at_least}}};

struct function_row {
  std::string_view name;
  test what;
  std::size_t operands;
  std::string_view types;  // of a value as second operand, blank-separated; empty: any
};
constexpr std::array<function_row, 5> functions{{{"attribute_exists", test::exists, 1, ""},
                                                 {"attribute_not_exists", test::absent, 1, ""},
                                                 {"attribute_type", test::has_type, 2, "S"},
                                                 {"begins_with", test::begins, 2, "S B"},
                                                 {"contains", test::contains, 2, ""}}};

const json::value* literal(const operand& of) { return std::get_if<json::value>(&of.of); }
const document_path* path_in(const operand& of) { return std::get_if<document_path>(&of.of); }

class condition_reader {
 public:
  condition_reader(std::string_view kind, std::string_view text, placeholders& known) : in_(kind, text, known) {}

  or_fault<condition> read() {
    auto whole = any();
    if (!in_.at_end()) in_.fail_here();
    if (in_.failed()) return *in_.failed();
    return whole;
  }

 private:
  condition any() { return joined(joint::any, "OR", &condition_reader::all); }
  condition all() { return joined(joint::all, "AND", &condition_reader::negated); }

  condition joined(joint how, std::string_view word, condition (condition_reader::*part)()) {
    auto first = (this->*part)();
    if (!in_.is(word)) return first;
    condition made{how, {}, {}, {std::move(first)}};
    while (in_.take(word)) made.parts.push_back((this->*part)());
    bracketed_ = false;
    return made;
  }

  condition negated() {
    if (!in_.take("NOT")) return primary();
    return nested([this] {
      condition made{joint::opposite, {}, {}, {negated()}};
      bracketed_ = false;
      return made;
    });
  }

  condition primary() {
    if (in_.is("(")) return nested([this] { return bracketed(); });
    bracketed_ = false;
    if (in_.starts_function() && !in_.is("size")) return function();
    return comparison();
  }

  condition bracketed() {
    in_.take("(");
    auto within = any();
    in_.expect(")");
    if (std::exchange(bracketed_, true)) in_.fail("The expression has redundant parentheses;");
    return within;
  }

  template <class Read>
  condition nested(Read read) {
    if (++depth_ > deepest) in_.fail("The expression is nested too deeply;");
    auto made = depth_ > deepest ? condition{} : read();
    --depth_;
    return made;
  }

  condition function() {
    const auto name = in_.word();
    const auto* row = std::ranges::find(functions, std::string_view(name), &function_row::name);
    if (row == functions.end()) {
      in_.fail("Invalid function name; function: " + name);
      return {};
    }
    condition made{joint::test, row->what, operands(), {}};
    if (made.operands.size() != row->operands)
      in_.fail(
          fmt::format("Incorrect number of operands for operator or function; operator or function: {}, number of "
                      "operands: {}",
                      name, made.operands.size()));
    if (!in_.failed()) check_function(*row, made.operands);
    return made;
  }

  void check_function(const function_row& row, const std::vector<operand>& operands) {
    if (!path_in(operands.front()))
      in_.fail("Operator or function requires a document path; operator or function: " + std::string(row.name));
    const auto* value = operands.size() > 1 ? literal(operands[1]) : nullptr;
    if (value && !row.types.empty() && row.types.find(type_of(*value)) == std::string_view::npos)
      in_.fail(
          fmt::format("Incorrect operand type for operator or function; operator or function: {}, operand type: {}",
                      row.name, type_of(*value)));
    check_distinct(row.name, operands);
  }

  condition comparison() {
    condition made{joint::test, test::equal, {one_operand()}, {}};
    if (in_.take("BETWEEN")) return between(std::move(made));
    if (in_.take("IN")) {
      made.what = test::one_of;
      for (auto& each : operands()) made.operands.push_back(std::move(each));
      return made;
    }
    const auto* row = std::ranges::find_if(comparisons, [this](const auto& each) { return in_.take(each.symbol); });
    if (row == comparisons.end()) {
      in_.fail_here();
      return made;
    }
    made.what = row->what;
    made.operands.push_back(one_operand());
    if (made.what > test::unequal) check_ordered(row->symbol, made.operands);
    check_distinct(row->symbol, made.operands);
    return made;
  }

  condition between(condition made) {
    made.what = test::between;
    made.operands.push_back(one_operand());
    in_.expect("AND");
    made.operands.push_back(one_operand());
    check_ordered("BETWEEN", made.operands);
    if (in_.failed()) return made;
    const auto* low = literal(made.operands[1]);
    const auto* high = literal(made.operands[2]);
    if (!low || !high) return made;
    if (type_of(*low) != type_of(*high)) {
      in_.fail("The BETWEEN operator requires same data type for lower and upper bounds");
    } else if (sort_bytes(*low) > sort_bytes(*high)) {
      in_.fail("The BETWEEN operator requires upper bound to be greater than or equal to lower bound");
    }
    return made;
  }

  void check_ordered(std::string_view symbol, const std::vector<operand>& operands) {
    for (const auto& each : operands)
      if (const auto* value = literal(each); value && !in_.failed() && !is_ordered(type_of(*value)))
        in_.fail(
            fmt::format("Incorrect operand type for operator or function; operator or function: {}, operand type: {}",
                        symbol, type_of(*value)));
  }

  void check_distinct(std::string_view name, const std::vector<operand>& operands) {
    if (in_.failed() || operands.size() < 2 || !path_in(operands[0]) || operands[0] != operands[1]) return;
    in_.fail(
        fmt::format("The first operand must be distinct from the remaining operands for this operator or function; "
                    "operator: {}, first operand: {}",
                    name, to_text(*path_in(operands[0]))));
  }

  std::vector<operand> operands() {
    std::vector<operand> read;
    in_.expect("(");
    do read.push_back(one_operand());
    while (in_.take(","));
    in_.expect(")");
    return read;
  }

  operand one_operand() {
    if (in_.starts_value()) return {in_.value()};
    if (!in_.starts_function()) return {in_.path()};
    if (!in_.take("size")) in_.fail_here();
    in_.expect("(");
    operand read{in_.path(), true};
    in_.expect(")");
    return read;
  }

  expression_reader in_;
  int depth_ = 0;
  bool bracketed_ = false;  // what was read last stands in parentheses of its own
};

json::value size_in(const json::value& of) {
  const auto& within = inside(of);
  std::size_t size = 0;
  if (const auto* text = within.if_string()) size = text->size();
  if (const auto* list = within.if_array()) size = list->size();
  if (const auto* map = within.if_object()) size = map->size();
  if (type_of(of) == "B") size = sort_bytes(of).size();
  return json::object{{"N", std::to_string(size)}};
}

// Of an item; null when it is not there.
json::value value_of(const operand& of, const json::object& item) {
  if (const auto* value = literal(of)) return *value;
  const auto* found = find(item, *path_in(of));
  if (!found) return {};
  return of.as_size ? size_in(*found) : *found;
}

bool in_order(test what, const json::value& left, const json::value& right) {
  if (type_of(left) != type_of(right) || !is_ordered(type_of(left))) return false;
  const auto order = sort_bytes(left).compare(sort_bytes(right));
  switch (what) {
    case test::less: return order < 0;
    case test::at_most: return order <= 0;
    case test::more: return order > 0;
    case test::at_least: return order >= 0;
    default: return false;
  }
}

bool begins(const json::value& whole, const json::value& with) {
  return type_of(whole) == type_of(with) && (type_of(whole) == "S" || type_of(whole) == "B") &&
         sort_bytes(whole).starts_with(sort_bytes(with));
}

bool contains(const json::value& whole, const json::value& part) {
  const auto type = type_of(whole);
  if (type == "S" || type == "B")
    return type_of(part) == type && sort_bytes(whole).find(sort_bytes(part)) != std::string::npos;
  const auto* members = inside(whole).if_array();
  if (!members) return false;
  if (type != "L" && type.substr(0, 1) != type_of(part)) return false;
  const auto& sought = type == "L" ? part : inside(part);
  return std::ranges::find(*members, sought) != members->end();
}

bool holds_between(test what, const json::value& left, const json::value& right) {
  switch (what) {
    case test::equal: return left == right;
    case test::unequal: return left != right;
    case test::has_type: return inside(right).get_string() == type_of(left);
    case test::begins: return begins(left, right);
    case test::contains: return contains(left, right);
    default: return in_order(what, left, right);
  }
}

bool test_holds(const condition& of, const json::object& item) {
  std::vector<json::value> values;
  for (const auto& each : of.operands) values.push_back(value_of(each, item));
  const bool there = std::ranges::none_of(values, [](const auto& each) { return each.is_null(); });
  if (of.what == test::exists) return there;
  if (of.what == test::absent) return !there;
  if (of.what == test::one_of)
    return !values[0].is_null() && std::find(values.begin() + 1, values.end(), values[0]) != values.end();
  if (!there) return of.what == test::unequal;
  if (of.what == test::between)
    return in_order(test::at_least, values[0], values[1]) && in_order(test::at_most, values[0], values[2]);
  return holds_between(of.what, values[0], values[1]);
}

}  // namespace

or_fault<condition> read_condition(std::string_view kind, std::string_view text, placeholders& known) {
  return condition_reader(kind, text, known).read();
}

bool holds(const condition& of, const json::object& item) {
  const auto part_holds = [&item](const condition& part) { return holds(part, item); };
  switch (of.how) {
    case joint::all: return std::ranges::all_of(of.parts, part_holds);
    case joint::any: return std::ranges::any_of(of.parts, part_holds);
    case joint::opposite: return !part_holds(of.parts.front());
    case joint::test: break;
  }
  return test_holds(of, item);
}

}  // namespace lifehook::simulator
