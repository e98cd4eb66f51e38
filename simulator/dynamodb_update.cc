#include "simulator/dynamodb_update.h"

#include "base/number.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

class update_reader {
 public:
  update_reader(std::string_view text, placeholders& known) : in_("UpdateExpression", text, known) {}

  or_fault<update> read() {
    update made;
    while (!in_.at_end()) clause(made);
    if (!in_.failed()) check_apart(made.paths());
    if (in_.failed()) return *in_.failed();
    return made;
  }

 private:
  void clause(update& made) {
    if (in_.take("SET")) {
      once("SET", made.sets.empty());
      do made.sets.push_back(assign());
      while (in_.take(","));
    } else if (in_.take("REMOVE")) {
      once("REMOVE", made.removals.empty());
      do made.removals.push_back(in_.path());
      while (in_.take(","));
    } else if (in_.is("ADD") || in_.is("DELETE")) {
      in_.fail("ADD and DELETE are not simulated;");
    } else {
      in_.fail_here();
    }
  }

  void once(std::string_view section, bool first) {
    if (!first) in_.fail(fmt::format("The \"{}\" section can only be used once in an update expression;", section));
  }

  assignment assign() {
    assignment made;
    made.to = in_.path();
    in_.expect("=");
    made.first = term();
    made.minus = in_.is("-");
    if (in_.take("+") || in_.take("-")) made.second = term();
    return made;
  }

  update_term term() {
    if (in_.starts_value()) return {in_.value(), {}};
    if (!in_.starts_function()) return {in_.path(), {}};
    const auto name = in_.word();
    if (name != "if_not_exists") in_.fail(fmt::format("Invalid function name; function: {}", name));
    in_.expect("(");
    auto unless = in_.path();
    in_.expect(",");
    auto made = term();
    in_.expect(")");
    return {std::move(made.of), std::move(unless)};
  }

  void check_apart(const std::vector<document_path>& paths) {
    for (std::size_t i = 0; i < paths.size(); ++i)
      for (std::size_t j = i + 1; j < paths.size(); ++j) {
        const auto shared = std::min(paths[i].size(), paths[j].size());
        if (!std::equal(paths[i].begin(), paths[i].begin() + static_cast<std::ptrdiff_t>(shared), paths[j].begin()))
          continue;
        in_.fail(
            fmt::format("Two document paths overlap with each other; must remove or rewrite one of these paths; "
                        "path one: {}, path two: {}",
                        to_text(paths[i]), to_text(paths[j])));
        return;
      }
  }

  expression_reader in_;
};

fault no_attribute() {
  return invalid_value("The provided expression refers to an attribute that does not exist in the item");
}

fault no_such_path() {
  return invalid_value("The document path provided in the update expression is invalid for update");
}

or_fault<json::value> value_of(const update_term& of, const json::object& before) {
  if (of.unless)
    if (const auto* there = find(before, *of.unless)) return *there;
  if (const auto* given = std::get_if<json::value>(&of.of)) return *given;
  const auto* found = find(before, std::get<document_path>(of.of));
  if (!found) return no_attribute();
  return *found;
}

or_fault<std::int64_t> whole_number(const json::value& of) {
  if (type_of(of) != "N")
    return invalid_value(fmt::format("An operand in the update expression has an incorrect data type"));
  const auto number = parse_number<std::int64_t>(inside(of).get_string());
  if (!number) return invalid_value("sums of such numbers are not simulated");
  return or_fault<std::int64_t>(boost::system::in_place_value, *number);
}

or_fault<json::value> sum_of(const json::value& left, const json::value& right, bool minus) {
  const auto one = whole_number(left);
  const auto other = whole_number(right);
  if (!one) return one.error();
  if (!other) return other.error();
  std::int64_t sum = 0;
  const bool over = minus ? __builtin_sub_overflow(*one, *other, &sum) : __builtin_add_overflow(*one, *other, &sum);
  if (over) return invalid_value("sums of such numbers are not simulated");
  return json::value(json::object{{"N", std::to_string(sum)}});
}

or_fault<json::value> value_of(const assignment& of, const json::object& before) {
  auto first = value_of(of.first, before);
  if (!first || !of.second) return first;
  auto second = value_of(*of.second, before);
  if (!second) return second;
  return sum_of(*first, *second, of.minus);
}

// The document a path's last step leads into; null when there is none.
json::value* parent_of(json::object& item, const document_path& path) {
  const document_path above(path.begin(), path.end() - 1);
  return const_cast<json::value*>(find(item, above));
}

or_fault<> put(json::object& item, const document_path& to, json::value what) {
  if (to.size() == 1) {
    item.insert_or_assign(std::get<std::string>(to.front()), std::move(what));
    return {};
  }
  auto* parent = parent_of(item, to);
  if (!parent) return no_such_path();
  auto& within = parent->get_object().begin()->value();
  if (const auto* name = std::get_if<std::string>(&to.back())) {
    if (type_of(*parent) != "M") return no_such_path();
    within.get_object().insert_or_assign(*name, std::move(what));
    return {};
  }
  if (type_of(*parent) != "L") return no_such_path();
  auto& list = within.get_array();
  const auto place = std::get<std::size_t>(to.back());
  if (place < list.size()) {
    list[place] = std::move(what);
  } else {
    list.push_back(std::move(what));
  }
  return {};
}

or_fault<> take_out(json::object& item, const document_path& path) {
  if (path.size() == 1) {
    item.erase(std::get<std::string>(path.front()));
    return {};
  }
  auto* parent = parent_of(item, path);
  if (!parent) return no_such_path();
  auto& within = parent->get_object().begin()->value();
  const auto* name = std::get_if<std::string>(&path.back());
  if (type_of(*parent) != (name ? "M" : "L")) return no_such_path();
  if (name) {
    within.get_object().erase(*name);
  } else if (auto& list = within.get_array(); std::get<std::size_t>(path.back()) < list.size()) {
    list.erase(list.begin() + std::get<std::size_t>(path.back()));
  }
  return {};
}

}  // namespace

std::vector<document_path> update::paths() const {
  auto all = removals;
  for (const auto& each : sets) all.push_back(each.to);
  return all;
}

or_fault<update> read_update(std::string_view text, placeholders& known) { return update_reader(text, known).read(); }

or_fault<json::object> updated(const json::object& before, const update& by) {
  auto after = before;
  for (const auto& each : by.sets) {
    auto value = value_of(each, before);
    if (!value) return value.error();
    if (auto done = put(after, each.to, *std::move(value)); !done) return done.error();
  }
  auto removals = by.removals;
  std::ranges::sort(removals, std::greater());  // of one list's places the last first
  for (const auto& each : removals)
    if (auto done = take_out(after, each); !done) return done.error();
  return after;
}

}  // namespace lifehook::simulator
