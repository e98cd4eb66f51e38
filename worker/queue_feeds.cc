#include "worker/queue_feeds.h"

#include "aws/sqs.h"
#include "base/glob.h"
#include "handlers/parse_bridge.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace lifehook::worker {

namespace {

using handlers::event_kind;
using kind = aws_finding::kind;

// By a principal, or by where it comes from.
bool names(std::string_view policy, std::string_view service) {
  return policy.find(fmt::format("{}.amazonaws.com", service)) != policy.npos ||
         policy.find(fmt::format(":{}:", service)) != policy.npos;
}

// The ARNs of rules that a policy names: it is JSON, and they stand in quotes.
std::vector<std::string_view> rules_named(std::string_view policy) {
  std::vector<std::string_view> found;
  for (auto at = policy.find(":events:"); at != policy.npos; at = policy.find(":events:", at + 1)) {
    const auto begin = policy.rfind('"', at) + 1;
    found.push_back(policy.substr(begin, policy.find('"', at) - begin));
  }
  return found;
}

// As far as principals and sources tell: a statement that lets everybody send may let a rule send.
bool may_let_send(std::string_view policy, const aws::event_rule& rule) {
  const auto named = rules_named(policy);
  if (!named.empty())
    return std::any_of(named.begin(), named.end(), [&rule](auto each) { return glob_match(each, rule.arn); });
  return names(policy, "events") || policy.find("\"*\"") != policy.npos;
}

// What a pattern takes of what this program knows, by the names of the configuration; empty: nothing.
std::string taken_by(const aws::event_rule& rule) {
  std::vector<std::string_view> names;
  for (const auto each : handlers::all_event_kinds) {
    const auto as = handlers::carried_as(each);
    if (aws::may_take(rule.pattern, as.source, as.detail_type)) names.push_back(handlers::name(each));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

void queue_feeds::see(std::string_view queue, const queues::queue_attributes& of,
                      const std::vector<aws::event_rule>& rules) {
  if (names(of.policy, "sns")) {
    topics_may_send_ = true;
    say(tell_, kind::fine, "queue {}: its policy lets topics send; which rules feed them is not looked at", queue);
  }
  for (const auto& each : rules) {
    if (!each.is_enabled) {
      say(tell_, kind::warning, "queue {}: EventBridge rule {} is disabled: it brings nothing", queue, each.name);
    } else if (!may_let_send(of.policy, each)) {
      say(tell_, kind::warning,
          "queue {}: EventBridge rule {} has it for target, but its policy does not let the "
          "rule send",
          queue, each.name);
    } else if (const auto taken = taken_by(each); taken.empty()) {
      say(tell_, kind::warning, "queue {}: EventBridge rule {} brings nothing that is handled here", queue, each.name);
    } else {
      say(tell_, kind::fine, "queue {}: EventBridge rule {} may bring {}", queue, each.name, taken);
      rules_.push_back(each);
    }
  }
}

void queue_feeds::cannot_see(const error& why) {
  if (!std::exchange(sees_rules_, false)) return;
  say(tell_, kind::warning,
      "which EventBridge rules feed the queues is not known without events:ListRuleNamesByTarget "
      "and events:DescribeRule, which a worker does not need: {}",
      why.what());
}

const aws::event_rule* queue_feeds::rule_for(event_kind of) const {
  const auto as = handlers::carried_as(of);
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&as](const auto& each) {
    return aws::may_take(each.pattern, as.source, as.detail_type);
  });
  return found == rules_.end() ? nullptr : &*found;
}

std::string queue_feeds::carrier_of(event_kind of) const {
  if (const auto* const rule = rule_for(of)) return fmt::format("EventBridge rule {}", rule->name);
  if (!sees_rules_) return "an EventBridge rule, which is not seen,";
  return topics_may_send_ ? "a rule and a topic, which are not looked at," : "";
}

void queue_feeds::say_of_lists(const config& of) const {
  for (const auto each : handlers::all_event_kinds) {
    if (handlers::has_hook(each) || !carrier_of(each).empty()) continue;
    const auto lists =
        std::find_if(of.groups.begin(), of.groups.end(), [each](const auto& group) { return group.plan_for(each); });
    if (lists == of.groups.end()) continue;
    const auto as = handlers::carried_as(each);
    say(tell_, kind::warning, "group {}: {}: no EventBridge rule brings \"{}\" of {} to a queue", lists->name,
        handlers::name(each), as.detail_type, as.source);
  }
}

queue_feeds::way queue_feeds::way_of(const aws::lifecycle_hook& hook, event_kind as) const {
  const auto* const rule = rule_for(as);
  const auto more = rule ? fmt::format(", and EventBridge rule {} may bring its events too: one is enough", rule->name)
                         : std::string();
  if (aws::is_queue(hook.notifies)) return {"it notifies the queue" + more};
  if (!hook.notifies.empty()) return {fmt::format("the queue must be subscribed to {}{}", hook.notifies, more)};
  const auto by = carrier_of(as);
  if (!by.empty()) return {fmt::format("it notifies nobody: {} must bring its events", by)};
  return {
      "it notifies nobody, and no EventBridge rule brings its events to a queue: only the search of adopt_after finds "
      "such hooks",
      true};
}

}  // namespace lifehook::worker
