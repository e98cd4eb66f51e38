#include "handlers/image_name.h"

#include "aws/digest.h"
#include "aws/ec2.h"
#include "base/time_text.h"
#include "base/utf8.h"

#include <algorithm>

namespace lifehook::handlers {

namespace {

// "20260302T101530Z": EC2 allows no colon in a name, and EventBridge tells whole seconds.
std::string compact(time_point when) {
  auto text = to_rfc3339(when).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

// Copies of one change differ in their times; what names the change and its start do not.
std::string change_of(const event& about, time_point when) {
  if (about.change.empty()) return compact(when);
  const auto starts = about.starts.value_or(time_point()).time_since_epoch().count();
  return aws::to_hex(aws::sha256(about.change.get() + "|" + std::to_string(starts))).substr(0, 16);
}

std::string lived_through(const event& about, time_point when) {
  switch (about.kind) {
    case event_kind::terminating: return {};
    case event_kind::state_change:
      if (aws::has_ended(about.detail.get())) return {};
      return "-" + about.detail.get() + "-" + compact(when);
    case event_kind::scheduled_change: return "-scheduled-" + change_of(about, when);
    case event_kind::rebalance_recommendation: return "-rebalance-" + compact(when);
    default: return "-event-" + compact(when);
  }
}

// Names differ at their ends as often as where they begin.
std::string without_middle(const std::string& text, std::size_t most) {
  constexpr std::string_view gap = "...";
  if (text.size() <= most) return text;
  const auto head = (most - gap.size()) / 2;
  return std::string(first_bytes(text, head)).append(gap).append(last_bytes(text, most - gap.size() - head));
}

}  // namespace

std::string image_description(const event& about, std::string_view cause) {
  constexpr std::size_t longest = 255;
  const auto before = "lifehook: " + about.instance + " of ";
  auto after = std::string(about.kind == event_kind::terminating ? " ended, " : ", ").append(cause);
  return before + without_middle(about.group, longest - before.size() - after.size()) + after;
}

std::string image_name(const std::string& service, const event& about, time_point when) {
  return "lifehook-" + service + "-" + about.instance + lived_through(about, when);
}

}  // namespace lifehook::handlers
