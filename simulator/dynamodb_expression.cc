#include "simulator/dynamodb_expression.h"

#include "base/number.h"
#include "simulator/dynamodb_reserved.h"
#include "simulator/json_body.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_expression = 4096;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
bool is_letter(char c) { return upper(c) >= 'A' && upper(c) <= 'Z'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool in_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

bool is_word(std::string_view token) { return !token.empty() && is_letter(token.front()); }

// How many characters the next token has: a word or placeholder, a symbol of two, or one character whatever it is.
std::size_t token_length(std::string_view text) {
  const bool marked = text.front() == '#' || text.front() == ':';
  if (marked || in_word(text.front())) {
    const auto end = std::ranges::find_if_not(text.substr(1), in_word);
    return static_cast<std::size_t>(end - text.begin());
  }
  const auto two = text.substr(0, 2);
  return two == "<>" || two == "<=" || two == ">=" ? 2 : 1;
}

or_fault<> check_given(const json::object& asked, std::string_view member) {
  const auto* given = asked.if_contains(member);
  if (!given) return {};
  if (!given->is_object()) return fault{400, "SerializationException", fmt::format("{} is no map", member)};
  if (given->get_object().empty()) return invalid_value(fmt::format("{} must not be empty", member));
  const bool any = std::ranges::any_of(asked, [](const auto& each) { return each.key().ends_with("Expression"); });
  if (!any) return invalid_value(fmt::format("{} can only be specified when using expressions", member));
  return {};
}

fault wrong_key(std::string_view member, std::string_view key) {
  return invalid_value(fmt::format("{} contains invalid key: Syntax error; key: \"{}\"", member, key));
}

fault unused(std::string_view member, const std::set<std::string>& which) {
  return invalid_value(
      fmt::format("Value provided in {} unused in expressions: keys: {{{}}}", member, fmt::join(which, ", ")));
}

bool is_placeholder(std::string_view key, char mark) {
  return key.size() > 1 && key.front() == mark && std::ranges::all_of(key.substr(1), in_word);
}

}  // namespace

std::string to_text(const document_path& path) {
  std::vector<std::string> steps;
  for (const auto& each : path) {
    const auto* name = std::get_if<std::string>(&each);
    steps.push_back(name ? *name : fmt::format("[{}]", std::get<std::size_t>(each)));
  }
  return fmt::format("[{}]", fmt::join(steps, ", "));
}

const json::value* find(const json::object& item, const document_path& path) {
  const auto* at = path.empty() ? nullptr : item.if_contains(std::get<std::string>(path.front()));
  for (std::size_t i = 1; i < path.size() && at; ++i) {
    const auto& within = inside(*at);
    if (const auto* name = std::get_if<std::string>(&path[i])) {
      at = type_of(*at) == "M" ? within.get_object().if_contains(*name) : nullptr;
    } else {
      at = type_of(*at) == "L" ? within.get_array().if_contains(std::get<std::size_t>(path[i])) : nullptr;
    }
  }
  return at;
}

or_fault<placeholders> placeholders::read(const json::object& asked) {
  constexpr std::string_view names = "ExpressionAttributeNames", values = "ExpressionAttributeValues";
  for (const auto member : {names, values})
    if (auto given = check_given(asked, member); !given) return given.error();
  placeholders made;
  for (const auto& [key, name] : object_of(asked, names)) {
    if (!is_placeholder(key, '#') || !name.is_string()) return wrong_key(names, key);
    made.names_.emplace(key, name.get_string());
    made.unused_names_.emplace(key);
  }
  for (const auto& [key, written] : object_of(asked, values)) {
    if (!is_placeholder(key, ':')) return wrong_key(values, key);
    auto value = read_value(written);
    if (!value) return value.error();
    made.values_.emplace(key, *std::move(value));
    made.unused_values_.emplace(key);
  }
  return made;
}

const std::string* placeholders::name(const std::string& placeholder) {
  const auto found = names_.find(placeholder);
  unused_names_.erase(placeholder);
  return found == names_.end() ? nullptr : &found->second;
}

const json::value* placeholders::value(const std::string& placeholder) {
  const auto found = values_.find(placeholder);
  unused_values_.erase(placeholder);
  return found == values_.end() ? nullptr : &found->second;
}

or_fault<> placeholders::all_used() const {
  if (!unused_names_.empty()) return unused("ExpressionAttributeNames", unused_names_);
  if (!unused_values_.empty()) return unused("ExpressionAttributeValues", unused_values_);
  return {};
}

expression_reader::expression_reader(std::string_view kind, std::string_view text, placeholders& known)
    : kind_(kind), known_(known) {
  if (text.size() > longest_expression) {
    fail(fmt::format("Expression size has exceeded the maximum allowed size; expression size: {}", text.size()));
  } else {
    split(text);
  }
  if (!failed_ && tokens_.empty()) fail("The expression can not be empty;");
}

void expression_reader::split(std::string_view text) {
  while (!text.empty()) {
    const auto length = is_blank(text.front()) ? 0 : token_length(text);
    if (length > 0) tokens_.emplace_back(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

bool expression_reader::is(std::string_view what) const {
  return !at_end() && std::ranges::equal(tokens_[next_], what, {}, upper, upper);
}

bool expression_reader::take(std::string_view what) {
  const bool here = is(what);
  if (here) ++next_;
  return here;
}

void expression_reader::expect(std::string_view what) {
  if (!take(what)) fail_here();
}

bool expression_reader::starts_value() const { return !at_end() && tokens_[next_].front() == ':'; }

bool expression_reader::starts_function() const {
  return next_ + 1 < tokens_.size() && is_word(tokens_[next_]) && tokens_[next_ + 1] == "(";
}

std::string expression_reader::word() {
  if (!at_end() && is_word(tokens_[next_])) return tokens_[next_++];
  fail_here();
  return {};
}

std::string expression_reader::name() {
  if (at_end() || tokens_[next_].front() != '#') {
    auto plain = word();
    if (is_reserved(plain)) fail("Attribute name is a reserved keyword; reserved keyword: " + plain);
    return plain;
  }
  const auto placeholder = tokens_[next_++];
  if (const auto* known = known_.name(placeholder)) return *known;
  fail("An expression attribute name used in the document path is not defined; attribute name: " + placeholder);
  return {};
}

document_path expression_reader::path() {
  document_path steps{name()};
  while (is(".") || is("[")) {
    if (take(".")) {
      steps.emplace_back(name());
      continue;
    }
    take("[");
    const auto place = parse_number<std::size_t>(at_end() ? "" : tokens_[next_]);
    if (!place) fail_here();
    if (!at_end()) ++next_;
    expect("]");
    steps.emplace_back(place.value_or(0));
  }
  return steps;
}

json::value expression_reader::value() {
  if (!starts_value()) {
    fail_here();
    return {};
  }
  const auto placeholder = tokens_[next_++];
  if (const auto* known = known_.value(placeholder)) return *known;
  fail("An expression attribute value used in expression is not defined; attribute value: " + placeholder);
  return {};
}

void expression_reader::fail(std::string_view why) {
  if (!failed_) failed_ = invalid_value(fmt::format("Invalid {}: {}", kind_, why));
  next_ = tokens_.size();
}

std::string expression_reader::near() const {
  const auto from = next_ > 0 ? next_ - 1 : 0;
  const auto count = std::min(tokens_.size() - from, next_ - from + 2);
  return fmt::format("{}", fmt::join(tokens_.begin() + static_cast<std::ptrdiff_t>(from),
                                     tokens_.begin() + static_cast<std::ptrdiff_t>(from + count), " "));
}

void expression_reader::fail_here() {
  if (failed_) return;
  const auto token = at_end() ? std::string("<EOF>") : fmt::format("\"{}\"", tokens_[next_]);
  fail(fmt::format("Syntax error; token: {}, near: \"{}\"", token, near()));
}

}  // namespace lifehook::simulator
