#include "handlers/parse_hook.h"

#include "handlers/parse_fields.h"

#include <fmt/format.h>

#include <optional>

namespace lifehook::handlers {

namespace {

constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_token = 64;

error malformed(std::string what) { return {errc::malformed, std::move(what), {}}; }

result<event_kind> kind_of(std::string_view transition) {
  for (const auto kind : {event_kind::launching, event_kind::terminating})
    if (transition == transition_of(kind)) return kind;
  return malformed("a lifecycle action of an unknown transition");
}

place place_of(std::string_view text) {
  if (text == "EC2") return place::ec2;
  if (text == "AutoScalingGroup") return place::scaling_group;
  if (text == "WarmPool") return place::warm_pool;
  return text.empty() ? place::unstated : place::other;
}

// What keeps a name from being used; nullopt when nothing does.
std::optional<error> wrong_with(std::string_view name, std::string_view whose) {
  if (name.empty()) return malformed(fmt::format("a lifecycle action without the name of its {}", whose));
  if (name.size() > longest_name)
    return malformed(fmt::format("a lifecycle action whose {} has a name of more than {} bytes", whose, longest_name));
  if (!is_printable(name, longest_name))
    return malformed(fmt::format("a lifecycle action whose {} has a name with control characters", whose));
  return std::nullopt;
}

}  // namespace

std::string_view transition_of(event_kind kind) {
  return kind == event_kind::launching ? "autoscaling:EC2_INSTANCE_LAUNCHING" : "autoscaling:EC2_INSTANCE_TERMINATING";
}

result<event> parse_lifecycle_action(const boost::json::object& action) {
  const auto kind = kind_of(text_field(action, "LifecycleTransition"));
  if (!kind) return kind.error();
  event read;
  read.kind = *kind;
  read.group = text_field(action, "AutoScalingGroupName");
  read.hook = text_field(action, "LifecycleHookName");
  read.instance = text_field(action, "EC2InstanceId");
  read.token = text_field(action, "LifecycleActionToken");
  read.origin = place_of(text_field(action, "Origin"));
  read.destination = place_of(text_field(action, "Destination"));
  if (auto wrong = wrong_with(read.group, "Auto Scaling group")) return *std::move(wrong);
  if (auto wrong = wrong_with(read.hook, "hook")) return *std::move(wrong);
  if (!is_instance_id(read.instance)) return malformed("a lifecycle action without an instance");
  if (!is_printable(read.token, longest_token)) return malformed("a lifecycle action with an unreadable token");
  return read;
}

}  // namespace lifehook::handlers
