#include "worker/policy_document.h"

#include "aws/endpoint.h"
#include "worker/policy_templates.h"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>

namespace lifehook::worker {

namespace json = boost::json;

namespace {

constexpr std::size_t shortest_word = 5;  // TABLE, QUEUE, GROUP

bool is_of_word(char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }

// Calls `with` for each part of a template's text: what stands there, and whether it is a word in capitals.
template <class F>
void split(std::string_view text, F with) {
  while (!text.empty()) {
    const bool of_word = is_of_word(text.front());
    const auto end = std::find_if(text.begin(), text.end(), [of_word](char c) { return is_of_word(c) != of_word; });
    const auto length = static_cast<std::size_t>(end - text.begin());
    with(text.substr(0, length), of_word && length >= shortest_word);
    text.remove_prefix(length);
  }
}

// A value as it is: "${" would begin a variable of IAM's.
std::string literal(std::string value) {
  constexpr std::string_view begins = "${";
  constexpr std::string_view escaped = "${$}{";
  for (auto at = value.find(begins); at != value.npos; at = value.find(begins, at + escaped.size()))
    value.replace(at, begins.size(), escaped);
  return value;
}

std::vector<std::string_view> texts_of(const json::value& one_or_more) {
  std::vector<std::string_view> texts;
  if (one_or_more.is_string()) return {one_or_more.get_string()};
  for (const auto& each : one_or_more.as_array()) texts.emplace_back(each.as_string());
  return texts;
}

json::value one_or_list(const std::set<std::string>& texts) {
  if (texts.size() == 1) return json::string(*texts.begin());
  return json::array(texts.begin(), texts.end());
}

// An ARN's is its region's: topics and queues may be elsewhere.
std::string_view partition_in(const policy_words& with) {
  const auto region = with.find("REGION");
  return aws::partition_of(region == with.end() ? std::string_view() : region->second.front()).name;
}

// "drain-ecs" is "DrainEcs": a statement's id has neither hyphens nor blanks.
std::string capitalised(std::string_view name) {
  std::string id;
  bool starts = true;
  for (const char c : name) {
    if (c != '-') id += starts ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    starts = c == '-';
  }
  return id;
}

}  // namespace

// Every combination of its words' values; none where one has no value.
std::set<std::string> policy_document::expanded(std::string_view text, const policy_words& with) {
  constexpr std::string_view in_aws = "arn:aws:";
  const bool is_arn = text.starts_with(in_aws);
  std::vector<std::string> all{is_arn ? fmt::format("arn:{}:", partition_in(with)) : std::string()};
  if (is_arn) text.remove_prefix(in_aws.size());
  split(text, [&all, &with](std::string_view part, bool is_word) {
    const auto found = is_word ? with.find(part) : with.end();
    const std::vector<std::string> plain{std::string(part)};
    const auto& values = !is_word ? plain : found == with.end() ? std::vector<std::string>() : found->second;
    std::vector<std::string> longer;
    for (const auto& before : all)
      for (const auto& value : values) longer.push_back(before + (is_word ? literal(value) : value));
    all = std::move(longer);
  });
  return {all.begin(), all.end()};
}

void policy_document::add(std::string_view name, const policy_words& with) {
  const auto read = json::parse(policy_template(name));
  for (const auto& each : read.as_object().at("Statement").as_array()) add_statement(name, each.as_object(), with);
}

void policy_document::add_statement(std::string_view name, const json::object& from, const policy_words& with) {
  statement one{.sid = capitalised(name).append(from.at("Sid").as_string())};
  for (const auto action : texts_of(from.at("Action"))) one.actions.emplace(action);
  for (const auto resource : texts_of(from.at("Resource"))) one.resources.merge(expanded(resource, with));
  if (one.resources.empty()) return;
  if (const auto* conditions = from.if_contains("Condition"))
    for (const auto& [compare, keys] : conditions->as_object())
      for (const auto& [key, value] : keys.as_object()) {
        auto& values = one.conditions[{compare, key}];
        for (const auto each : texts_of(value)) values.merge(expanded(each, with));
        if (values.empty()) return;
      }
  add_up(std::move(one));
}

// As one where that allows no more: either the resources are the same, or the conditions.
void policy_document::add_up(statement one) {
  const auto same = std::find_if(statements_.begin(), statements_.end(), [&one](const statement& other) {
    return other.sid == one.sid && (other.resources == one.resources || other.conditions == one.conditions);
  });
  if (same == statements_.end()) {
    const auto is_such = [&one](const statement& other) { return other.sid == one.sid; };
    one.number += static_cast<std::size_t>(std::count_if(statements_.begin(), statements_.end(), is_such));
    return statements_.push_back(std::move(one));
  }
  same->resources.merge(one.resources);
  for (auto& [key, values] : one.conditions) same->conditions[key].merge(values);
}

std::vector<policy_document::statement> policy_document::merged() const {
  std::vector<statement> all;
  for (const auto& each : statements_) {
    const auto same = std::find_if(all.begin(), all.end(), [&each](const statement& other) {
      return other.resources == each.resources && other.conditions == each.conditions;
    });
    if (same == all.end())
      all.push_back(each);
    else
      same->actions.insert(each.actions.begin(), each.actions.end());
  }
  return all;
}

json::object policy_document::written(const statement& of) {
  json::object text{{"Sid", of.number == 1 ? of.sid : of.sid + std::to_string(of.number)},
                    {"Effect", "Allow"},
                    {"Action", json::array(of.actions.begin(), of.actions.end())},
                    {"Resource", one_or_list(of.resources)}};
  json::object conditions;
  for (const auto& [where, values] : of.conditions) {
    auto& of_operator = conditions[where.first];
    if (of_operator.is_null()) of_operator = json::object();
    of_operator.as_object()[where.second] = one_or_list(values);
  }
  if (!conditions.empty()) text["Condition"] = std::move(conditions);
  return text;
}

std::string policy_document::text() const {
  std::string lines;
  for (const auto& each : merged()) {
    if (!lines.empty()) lines += ",\n";
    lines += "    " + json::serialize(written(each));
  }
  return "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n" + lines + "\n  ]\n}\n";
}

std::size_t policy_document::size() const {
  const auto all = text();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](char c) { return c != ' ' && c != '\n'; }));
}

}  // namespace lifehook::worker
