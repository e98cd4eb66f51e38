#include "simulator/autoscaling_wire.h"

#include <set>

namespace lifehook::simulator {
namespace {

constexpr std::size_t token_length = 36;

or_fault<action_name> read_action(autoscaling_model& model, const query_parameters& asked) {
  auto group = named_group(model, asked);
  if (!group) return group.error();
  auto hook = asked.required("LifecycleHookName");
  if (!hook) return hook.error();
  action_name named{(*group)->with.name, *std::move(hook), asked.text("LifecycleActionToken"),
                    asked.text("InstanceId")};
  if (named.token.empty() && named.instance.empty())
    return validation_error("Either a lifecycle action token or an instance ID must be specified");
  if (!named.token.empty() && named.token.size() != token_length)
    return validation_error(
        "1 validation error detected: Value '" + named.token +
        "' at 'lifecycleActionToken' failed to satisfy constraint: Member must have length equal to 36");
  return named;
}

or_fault<> check_hook(const hook_settings& hook) {
  using namespace std::chrono_literals;
  if (!hook.transition.ends_with(":EC2_INSTANCE_LAUNCHING") && !hook.transition.ends_with(":EC2_INSTANCE_TERMINATING"))
    return validation_error("Invalid Lifecycle Transition: '" + hook.transition + "'");
  if (hook.heartbeat_timeout < 30s || hook.heartbeat_timeout > 7200s)
    return validation_error("Heartbeat Timeout must be between 30 and 7200 seconds inclusive");
  if (hook.default_result != "CONTINUE" && hook.default_result != "ABANDON")
    return validation_error("Lifecycle action result must be CONTINUE or ABANDON");
  if (!hook.target_arn.empty() && !hook.target_arn.starts_with("arn:aws:sqs:"))
    return validation_error("Unable to publish test message to notification target " + hook.target_arn +
                            ". Please check your target and role configuration and try to put lifecycle hook again.");
  return {};
}

void write_hook(query_xml& to, const std::string& group, const hook_settings& hook) {
  to.text("LifecycleHookName", hook.name)
      .text("AutoScalingGroupName", group)
      .text("LifecycleTransition", hook.transition)
      .number("HeartbeatTimeout", hook.heartbeat_timeout.count())
      .number("GlobalTimeout", global_timeout(hook).count())
      .text("DefaultResult", hook.default_result);
  if (!hook.target_arn.empty()) to.text("NotificationTargetARN", hook.target_arn);
  if (!hook.metadata.empty()) to.text("NotificationMetadata", hook.metadata);
}

}  // namespace

or_fault<hook_settings> read_hook(const query_parameters& from, const std::string& prefix, hook_settings known) {
  const auto name = from.required(prefix + "LifecycleHookName");
  if (!name) return name.error();
  const auto timeout = from.number(prefix + "HeartbeatTimeout");
  if (!timeout) return timeout.error();
  if (known.name.empty()) {
    const auto transition = from.required(prefix + "LifecycleTransition");
    if (!transition) return transition.error();
  }
  known.name = *name;
  known.transition = from.given(prefix + "LifecycleTransition").value_or(known.transition);
  if (*timeout) known.heartbeat_timeout = std::chrono::seconds(timeout->value());
  known.default_result = from.given(prefix + "DefaultResult").value_or(known.default_result);
  known.target_arn = from.given(prefix + "NotificationTargetARN").value_or(known.target_arn);
  known.metadata = from.given(prefix + "NotificationMetadata").value_or(known.metadata);
  if (auto valid = check_hook(known); !valid) return valid.error();
  return known;
}

answered put_lifecycle_hook(autoscaling_model& model, const query_parameters& asked) {
  const auto group = named_group(model, asked);
  if (!group) return group.error();
  const auto known = (*group)->hooks.find(asked.text("LifecycleHookName"));
  const bool fresh = known == (*group)->hooks.end();
  auto hook = read_hook(asked, "", fresh ? hook_settings{} : known->second);
  if (!hook) return hook.error();
  model.put_hook(**group, *std::move(hook), fresh || asked.given("NotificationTargetARN").has_value());
  return answer{};
}

answered delete_lifecycle_hook(autoscaling_model& model, const query_parameters& asked) {
  const auto group = named_group(model, asked);
  if (!group) return group.error();
  const auto hook = asked.required("LifecycleHookName");
  if (!hook) return hook.error();
  if (!(*group)->hooks.contains(*hook)) return validation_error("No Lifecycle Hook found");
  model.delete_hook(**group, *hook);
  return answer{};
}

answered describe_lifecycle_hooks(autoscaling_model& model, const query_parameters& asked) {
  const auto group = named_group(model, asked);
  if (!group) return group.error();
  const auto named = asked.list("LifecycleHookNames");
  const std::set<std::string> names(named.begin(), named.end());
  std::vector<const hook_settings*> found;
  for (const auto& [name, hook] : (*group)->hooks)
    if (names.empty() || names.contains(name)) found.push_back(&hook);
  query_xml written;
  written.list("LifecycleHooks", found,
               [&group](query_xml& to, const auto* hook) { write_hook(to, (*group)->with.name, *hook); });
  return xml_answer(std::move(written));
}

answered complete_lifecycle_action(autoscaling_model& model, const query_parameters& asked) {
  const auto named = read_action(model, asked);
  if (!named) return named.error();
  const auto result = asked.text("LifecycleActionResult");
  if (result != "CONTINUE" && result != "ABANDON")
    return validation_error("Lifecycle action result must be CONTINUE or ABANDON");
  if (auto done = model.actions().complete(*named, result); !done) return done.error();
  return answer{};
}

answered record_heartbeat(autoscaling_model& model, const query_parameters& asked) {
  const auto named = read_action(model, asked);
  if (!named) return named.error();
  if (auto done = model.actions().heartbeat(*named); !done) return done.error();
  return answer{};
}

}  // namespace lifehook::simulator
