#include "simulator/query_parameters.h"

#include "base/number.h"

#include <algorithm>

namespace lifehook::simulator {
namespace {

constexpr std::string_view token_mark = "after/";

fault wrong(std::string message) { return {400, "ValidationError", std::move(message)}; }

}  // namespace

std::optional<std::string> query_parameters::given(const std::string& name) const {
  const auto found = from_.find(name);
  if (found == from_.end()) return std::nullopt;
  return found->second;
}

std::string query_parameters::text(const std::string& name) const { return given(name).value_or(""); }

or_fault<std::string> query_parameters::required(const std::string& name) const {
  auto value = given(name);
  if (value && !value->empty()) return *std::move(value);
  if (style_ == query_style::flat)
    return fault{400, "MissingParameter", "The request must contain the parameter " + name};
  return wrong("1 validation error detected: Value null at '" + name +
               "' failed to satisfy constraint: Member must not be null");
}

or_fault<std::optional<int>> query_parameters::number(const std::string& name) const {
  const auto value = given(name);
  if (!value) return std::optional<int>();
  const auto parsed = parse_number<int>(*value);
  if (!parsed) return wrong("'" + *value + "' is not an integer, for " + name);
  return parsed;
}

bool query_parameters::flag(const std::string& name, bool otherwise) const {
  const auto value = given(name);
  return value ? *value == "true" : otherwise;
}

std::string query_parameters::numbered(const std::string& name, std::size_t place) const {
  return name + (style_ == query_style::flat ? "." : ".member.") + std::to_string(place);
}

std::vector<std::string> query_parameters::list(const std::string& name) const {
  std::vector<std::string> values;
  while (auto value = given(numbered(name, values.size() + 1))) values.push_back(*std::move(value));
  return values;
}

std::vector<std::string> query_parameters::structures(const std::string& name) const {
  std::vector<std::string> prefixes;
  for (;;) {
    auto prefix = numbered(name, prefixes.size() + 1) + ".";
    const auto first = from_.lower_bound(prefix);
    if (first == from_.end() || !first->first.starts_with(prefix)) return prefixes;
    prefixes.push_back(std::move(prefix));
  }
}

or_fault<page_request> read_page(const query_parameters& from, std::size_t otherwise, std::size_t most,
                                 const page_names& named) {
  const auto asked = from.number(named.size);
  if (!asked) return asked.error();
  const auto size = asked->value_or(static_cast<int>(otherwise));
  if (size < 1) return wrong(named.size + " must be at least 1");
  const auto after = read_next_token(from, named.token);
  if (!after) return after.error();
  return page_request{*after, std::min(static_cast<std::size_t>(size), most)};
}

or_fault<std::string> read_next_token(const query_parameters& from, const std::string& name) {
  auto token = from.text(name);
  if (token.empty()) return token;
  if (!token.starts_with(token_mark)) return fault{400, "InvalidNextToken", "The token '" + token + "' is invalid."};
  return token.substr(token_mark.size());
}

std::string next_token(std::string_view last_key) { return std::string(token_mark) + std::string(last_key); }

}  // namespace lifehook::simulator
