#include "aws/autoscaling.h"

#include "aws/query_body.h"
#include "aws/services.h"
#include "aws/xml.h"

#include <boost/algorithm/string/case_conv.hpp>

#include <charconv>

namespace lifehook::aws {

namespace {

constexpr unsigned most_pages = 1000;

std::optional<int> number_in(std::string_view text) {
  int read = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), read);
  if (text.empty() || end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return read;
}

error unreadable(std::string_view what, std::string_view name) {
  return {errc::malformed, std::string(what).append(" without ").append(name), {}};
}

query_parameters names_of(lifecycle_action_id action) {
  query_parameters names{{"AutoScalingGroupName", std::move(action.group)},
                         {"LifecycleHookName", std::move(action.hook)}};
  if (!action.token.empty()) names.emplace_back("LifecycleActionToken", std::move(action.token));
  if (!action.instance.empty()) names.emplace_back("InstanceId", std::move(action.instance));
  return names;
}

constexpr duration heartbeat_patience = std::chrono::seconds(4);  // a late one is worth more tried again

task<result<>> tell(client& with, std::string_view operation, query_parameters parameters, call_options options = {}) {
  auto calling = with.call(services::autoscaling, operation, std::move(parameters), std::move(options));
  auto answer = co_await std::move(calling);
  if (!answer) co_return std::move(answer).error();
  co_return result<>();
}

result<lifecycle_hook> read_hook(xml_element from) {
  const auto heartbeat = number_in(from.text("HeartbeatTimeout"));
  const auto global = number_in(from.text("GlobalTimeout"));
  if (!heartbeat) return unreadable("a lifecycle hook", "HeartbeatTimeout");
  if (!global) return unreadable("a lifecycle hook", "GlobalTimeout");
  return lifecycle_hook{.name = std::string(from.text("LifecycleHookName")),
                        .transition = std::string(from.text("LifecycleTransition")),
                        .heartbeat_timeout = std::chrono::seconds(*heartbeat),
                        .global_timeout = std::chrono::seconds(*global),
                        .default_result = std::string(from.text("DefaultResult"))};
}

result<std::vector<lifecycle_hook>> read_hooks(const xml_document& answer) {
  std::vector<lifecycle_hook> hooks;
  for (const auto each : answer.query_result().list("LifecycleHooks")) {
    auto hook = read_hook(each);
    if (!hook) return std::move(hook).error();
    hooks.push_back(*std::move(hook));
  }
  return hooks;
}

scaling_instance read_instance(xml_element from) {
  return {.id = std::string(from.text("InstanceId")),
          .group = std::string(from.text("AutoScalingGroupName")),
          .lifecycle_state = std::string(from.text("LifecycleState")),
          .health = boost::algorithm::to_upper_copy(std::string(from.text("HealthStatus")))};
}

result<scaling_group> read_group(xml_element from) {
  const auto least = number_in(from.text("MinSize"));
  const auto most = number_in(from.text("MaxSize"));
  const auto desired = number_in(from.text("DesiredCapacity"));
  if (!least || !most || !desired) return unreadable("a group", "its sizes");
  scaling_group read{.name = std::string(from.text("AutoScalingGroupName")),
                     .tags = {},
                     .min_size = *least,
                     .max_size = *most,
                     .desired = *desired};
  for (const auto tag : from.list("Tags")) read.tags.emplace(tag.text("Key"), tag.text("Value"));
  return read;
}

result<std::string> append_groups(std::vector<scaling_group>& to, const xml_document& answer) {
  const auto page = answer.query_result();
  for (const auto each : page.list("AutoScalingGroups")) {
    auto group = read_group(each);
    if (!group) return std::move(group).error();
    to.push_back(*std::move(group));
  }
  return std::string(page.text("NextToken"));
}

}  // namespace

task<result<>> autoscaling::complete(lifecycle_action_id action, hook_result outcome) {
  auto parameters = names_of(std::move(action));
  const auto* const word = outcome == hook_result::proceed ? "CONTINUE" : "ABANDON";
  parameters.emplace_back("LifecycleActionResult", word);
  return tell(client_, "CompleteLifecycleAction", std::move(parameters));
}

task<result<>> autoscaling::heartbeat(lifecycle_action_id action) {
  return tell(client_, "RecordLifecycleActionHeartbeat", names_of(std::move(action)), {.timeout = heartbeat_patience});
}

task<result<std::vector<lifecycle_hook>>> autoscaling::hooks(std::string group) {
  query_parameters parameters{{"AutoScalingGroupName", std::move(group)}};
  auto calling = client_.call(services::autoscaling, "DescribeLifecycleHooks", std::move(parameters));
  auto answer = co_await std::move(calling);
  if (answer) co_return read_hooks(*answer);
  const auto failure = std::move(answer).error();
  // The group's name is all there is to validate.
  co_return failure.aws_code() == "ValidationError" ? failure.with(errc::not_found) : failure;
}

task<result<std::vector<scaling_instance>>> autoscaling::instances(std::vector<std::string> ids) {
  // Without ids AWS would list every instance of the account.
  if (ids.empty()) co_return std::vector<scaling_instance>();
  query_parameters parameters;
  add_members(parameters, "InstanceIds", ids);
  auto calling = client_.call(services::autoscaling, "DescribeAutoScalingInstances", std::move(parameters));
  auto answer = co_await std::move(calling);
  if (!answer) co_return std::move(answer).error();
  std::vector<scaling_instance> found;
  for (const auto each : answer->query_result().list("AutoScalingInstances")) found.push_back(read_instance(each));
  co_return found;
}

task<result<std::vector<scaling_group>>> autoscaling::groups(std::vector<std::string> names) {
  std::vector<scaling_group> found;
  if (names.empty()) co_return found;
  query_parameters parameters;
  add_members(parameters, "AutoScalingGroupNames", names);
  parameters.emplace_back("MaxRecords", "100");
  std::string token;
  for (unsigned page = 0; page < most_pages; ++page) {
    auto asked = parameters;
    if (!token.empty()) asked.emplace_back("NextToken", token);
    auto calling = client_.call(services::autoscaling, "DescribeAutoScalingGroups", std::move(asked));
    auto answer = co_await std::move(calling);
    if (!answer) co_return std::move(answer).error();
    auto more = append_groups(found, *answer);
    if (!more) co_return std::move(more).error();
    token = *std::move(more);
    if (token.empty()) co_return found;
  }
  co_return error{errc::malformed, "DescribeAutoScalingGroups: more than 1000 pages"};
}

}  // namespace lifehook::aws
