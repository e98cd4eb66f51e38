#include "aws/eventbridge.h"

#include "aws/fault.h"
#include "aws/json_document.h"
#include "aws/json_fields.h"
#include "aws/services.h"
#include "base/glob.h"

#include <algorithm>
#include <optional>

namespace lifehook::aws {

namespace {

namespace json = boost::json;

constexpr unsigned most_pages = 10;  // of a hundred rules

bool may_equal(const json::value& wanted, std::string_view value);

bool any_may_equal(const json::value& wanted, std::string_view value) {
  if (!wanted.is_array()) return may_equal(wanted, value);
  const auto& any = wanted.get_array();
  return std::any_of(any.begin(), any.end(), [value](const auto& each) { return may_equal(each, value); });
}

// A comparison: {"prefix": "EC2 Spot"}.
bool may_compare(const json::object& by, std::string_view value) {
  const auto text = [&by](std::string_view name) -> std::optional<std::string_view> {
    const auto* const found = by.if_contains(name);
    return found && found->is_string() ? std::optional<std::string_view>(found->get_string()) : std::nullopt;
  };
  if (const auto prefix = text("prefix")) return value.starts_with(*prefix);
  if (const auto suffix = text("suffix")) return value.ends_with(*suffix);
  if (const auto like = text("wildcard"); like && like->find('?') == like->npos) return glob_match(*like, value);
  if (const auto* const others = by.if_contains("anything-but"); others && !others->is_object())
    return !any_may_equal(*others, value);
  return true;
}

bool may_equal(const json::value& wanted, std::string_view value) {
  if (wanted.is_object()) return may_compare(wanted.get_object(), value);
  return wanted.is_string() && wanted.get_string() == value;
}

bool may_be(const json::object& pattern, std::string_view field, std::string_view value) {
  const auto* const wanted = pattern.if_contains(field);
  return !wanted || !wanted->is_array() || any_may_equal(*wanted, value);
}

}  // namespace

bool may_take(std::string_view pattern, std::string_view source, std::string_view detail_type) {
  if (pattern.empty()) return false;
  const auto read = json_document::parse(pattern);
  return !read || (may_be(read->root(), "source", source) && may_be(read->root(), "detail-type", detail_type));
}

task<result<std::vector<event_rule>>> eventbridge::rules_to(std::string target_arn, std::string region) {
  call_options there;
  there.region = std::move(region);
  std::vector<event_rule> rules;
  json::object asked{{"TargetArn", std::move(target_arn)}};
  for (unsigned pages = 0; pages < most_pages; ++pages) {
    const auto page = co_await client_.call(services::events, "ListRuleNamesByTarget", asked, there);
    if (!page) co_return page.error();
    const auto* const names = page->root().if_contains("RuleNames");
    if (!names || !names->is_array()) co_return unreadable_answer("ListRuleNamesByTarget: an answer", "RuleNames");
    for (auto& each : texts_of(page->root(), "RuleNames")) {
      json::object which{{"Name", std::move(each)}};
      const auto found = co_await client_.call(services::events, "DescribeRule", std::move(which), there);
      if (!found && found.error().aws_code() == "ResourceNotFoundException") continue;  // gone since
      if (!found) co_return found.error();
      rules.push_back({text_of(found->root(), "Name"), text_of(found->root(), "Arn"),
                       text_of(found->root(), "State") != "DISABLED", text_of(found->root(), "EventPattern")});
    }
    auto next = text_of(page->root(), "NextToken");
    if (next.empty()) break;
    asked["NextToken"] = std::move(next);
  }
  co_return rules;
}

}  // namespace lifehook::aws
