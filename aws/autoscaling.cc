#include "aws/autoscaling.h"

#include "aws/fault.h"
#include "aws/pages.h"
#include "aws/query_body.h"
#include "aws/services.h"
#include "aws/xml.h"
#include "base/time_text.h"

#include <boost/algorithm/string/predicate.hpp>

#include <algorithm>

namespace lifehook::aws {

namespace {

// Not by a list in braces, which would copy each: every hook passes here.
query_parameters names_of(lifecycle_action_id action) {
  query_parameters names;
  names.reserve(5);  // with a result
  names.emplace_back("AutoScalingGroupName", std::move(action.group));
  names.emplace_back("LifecycleHookName", std::move(action.hook));
  if (!action.token.empty()) names.emplace_back("LifecycleActionToken", std::move(action.token));
  if (!action.instance.empty()) names.emplace_back("InstanceId", std::move(action.instance));
  return names;
}

constexpr duration heartbeat_patience = std::chrono::seconds(4);  // a late one is worth more tried again

result<lifecycle_hook> read_hook(xml_element from) {
  const auto heartbeat = from.number("HeartbeatTimeout");
  const auto global = from.number("GlobalTimeout");
  if (!heartbeat) return unreadable_answer("a lifecycle hook", "HeartbeatTimeout");
  if (!global) return unreadable_answer("a lifecycle hook", "GlobalTimeout");
  return lifecycle_hook{.name = std::string(from.text("LifecycleHookName")),
                        .transition = std::string(from.text("LifecycleTransition")),
                        .heartbeat_timeout = std::chrono::seconds(*heartbeat),
                        .global_timeout = std::chrono::seconds(*global),
                        .default_result = std::string(from.text("DefaultResult")),
                        .notifies = std::string(from.text("NotificationTargetARN"))};
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
          .is_unhealthy = boost::algorithm::iequals(from.text("HealthStatus"), "unhealthy")};
}

void add_target_group(scaling_group& to, std::string_view arn) {
  const auto known = std::find(to.target_groups.begin(), to.target_groups.end(), arn);
  if (!arn.empty() && known == to.target_groups.end()) to.target_groups.emplace_back(arn);
}

// Target groups attached as traffic sources are listed as such only.
void read_target_groups(scaling_group& to, xml_element from) {
  for (const auto arn : from.list("TargetGroupARNs")) add_target_group(to, arn.text());
  for (const auto source : from.list("TrafficSources"))
    if (source.text("Type") == "elbv2") add_target_group(to, source.text("Identifier"));
}

std::vector<group_instance> read_members(xml_element from) {
  std::vector<group_instance> members;
  for (const auto each : from.list("Instances"))
    members.push_back({std::string(each.text("InstanceId")), std::string(each.text("LifecycleState"))});
  return members;
}

result<scaling_group> read_group(xml_element from) {
  const auto least = from.number("MinSize");
  const auto most = from.number("MaxSize");
  const auto desired = from.number("DesiredCapacity");
  const auto created = parse_rfc3339(from.text("CreatedTime"));
  if (!least || !most || !desired) return unreadable_answer("a group", "its sizes");
  if (!created) return unreadable_answer("a group", "CreatedTime");
  scaling_group read{.name = std::string(from.text("AutoScalingGroupName")),
                     .tags = {},
                     .min_size = *least,
                     .max_size = *most,
                     .desired = *desired,
                     .created = *created};
  for (const auto tag : from.list("Tags")) read.tags.emplace(tag.text("Key"), tag.text("Value"));
  read.instances = read_members(from);
  read.has_warm_pool = static_cast<bool>(from.child("WarmPoolConfiguration"));
  read.rebalances = from.text("CapacityRebalance") == "true";
  read_target_groups(read, from);
  return read;
}

result<page_of<group_instance>> read_warm_pool(const xml_document& answer) {
  const auto from = answer.query_result();
  if (!from.child("Instances")) return unreadable_answer("an answer", "Instances");
  return page_of<group_instance>{read_members(from), std::string(from.text("NextToken"))};
}

result<page_of<scaling_group>> read_groups(const xml_document& answer) {
  const auto from = answer.query_result();
  if (!from.child("AutoScalingGroups")) return unreadable_answer("an answer", "AutoScalingGroups");
  page_of<scaling_group> read{.next = std::string(from.text("NextToken"))};
  for (const auto each : from.list("AutoScalingGroups")) {
    auto group = read_group(each);
    if (!group) return std::move(group).error();
    read.found.push_back(*std::move(group));
  }
  return read;
}

task<result<std::vector<scaling_group>>> list_groups(client& with, query_parameters parameters) {
  parameters.emplace_back("MaxRecords", "100");
  auto ask = [&with, parameters = std::move(parameters)](const std::string& what, const std::string& token) {
    auto asked = parameters;
    if (!token.empty()) asked.emplace_back("NextToken", token);
    return with.call(services::autoscaling, what, std::move(asked));
  };
  return all_pages<scaling_group>("DescribeAutoScalingGroups", std::move(ask), read_groups);
}

result<scaling_activity> read_activity(xml_element from) {
  const auto started = parse_rfc3339(from.text("StartTime"));
  if (!started) return unreadable_answer("a scaling activity", "StartTime");
  return scaling_activity{.description = std::string(from.text("Description")),
                          .cause = std::string(from.text("Cause")),
                          .started = *started};
}

result<activity_page> read_activities(const xml_document& answer) {
  const auto from = answer.query_result();
  if (!from.child("Activities")) return unreadable_answer("an answer", "Activities");
  activity_page page;
  for (const auto each : from.list("Activities")) {
    auto activity = read_activity(each);
    if (!activity) return std::move(activity).error();
    page.activities.push_back(*std::move(activity));
  }
  page.next = from.text("NextToken");
  return page;
}

// Of a call where the group's name is all there is to validate.
error of_named_group(const error& failure) {
  return failure.aws_code() == "ValidationError" ? failure.with(errc::not_found) : failure;
}

// AWS has no token for these: a request that was carried out, its answer lost, must not be sent again unseen. Desired
// capacity may have been set otherwise since by somebody else.
call_options only_once() { return {.attempts = 1, .fresh_connection = true}; }

}  // namespace

task<result<>> autoscaling::complete(lifecycle_action_id action, hook_result outcome, hook_call by) {
  auto parameters = names_of(std::move(action));
  const auto* const word = outcome == hook_result::proceed ? "CONTINUE" : "ABANDON";
  parameters.emplace_back("LifecycleActionResult", word);
  return client_.tell(services::autoscaling, "CompleteLifecycleAction", std::move(parameters),
                      {.patience = by.left, .resend = false, .stage = by.stage});
}

// Its turn is not when its hook runs out: where AWS takes no completions those of short hooks, tried again and again,
// would have all turns up to that moment. Nor does it wait for what may be the pace of completions alone until it is
// too late: then AWS is asked, which throttles it at worst.
task<result<>> autoscaling::heartbeat(lifecycle_action_id action, hook_call by) {
  return client_.tell(services::autoscaling, "RecordLifecycleActionHeartbeat", names_of(std::move(action)),
                      {.timeout = heartbeat_patience,
                       .patience = by.left,
                       .turn_within = by.left / 4,
                       .asks_in_time = true,
                       .stage = by.stage});
}

task<result<std::vector<lifecycle_hook>>> autoscaling::hooks(std::string group) {
  query_parameters parameters{{"AutoScalingGroupName", std::move(group)}};
  auto answer = co_await client_.call(services::autoscaling, "DescribeLifecycleHooks", std::move(parameters));
  if (answer) co_return read_hooks(*answer);
  co_return of_named_group(std::move(answer).error());
}

task<result<std::vector<scaling_instance>>> autoscaling::instances(std::vector<std::string> ids) {
  // Without ids AWS would list every instance of the account.
  if (ids.empty()) co_return std::vector<scaling_instance>();
  query_parameters parameters;
  add_members(parameters, "InstanceIds", ids);
  auto answer = co_await client_.call(services::autoscaling, "DescribeAutoScalingInstances", std::move(parameters));
  if (!answer) co_return std::move(answer).error();
  const auto page = answer->query_result();
  if (!page.child("AutoScalingInstances")) co_return unreadable_answer("an answer", "AutoScalingInstances");
  std::vector<scaling_instance> found;
  for (const auto each : page.list("AutoScalingInstances")) found.push_back(read_instance(each));
  co_return found;
}

task<result<std::vector<scaling_group>>> autoscaling::groups(std::vector<std::string> names) {
  if (names.empty()) co_return std::vector<scaling_group>();
  query_parameters parameters;
  add_members(parameters, "AutoScalingGroupNames", names);
  co_return co_await list_groups(client_, std::move(parameters));
}

task<result<page_of<scaling_group>>> autoscaling::group_page(std::string from) {
  for (;;) {
    const auto most = groups_at_once_.most();
    query_parameters asked{{"MaxRecords", std::to_string(most)}};
    if (!from.empty()) asked.emplace_back("NextToken", from);
    auto answer = co_await client_.call(services::autoscaling, "DescribeAutoScalingGroups", std::move(asked));
    if (answer) {
      groups_at_once_.fitted();
      co_return read_groups(*answer);
    }
    const bool may_fit = answer.error().code() == errc::too_large && groups_at_once_.shrink(most);
    if (!may_fit) co_return std::move(answer).error();
  }
}

task<result<std::vector<group_instance>>> autoscaling::warm_pool(std::string group) {
  auto ask = [this, group = std::move(group)](const std::string& what, const std::string& token) {
    query_parameters parameters{{"AutoScalingGroupName", group}, {"MaxRecords", "50"}};
    if (!token.empty()) parameters.emplace_back("NextToken", token);
    return client_.call(services::autoscaling, what, std::move(parameters));
  };
  auto found = co_await all_pages<group_instance>("DescribeWarmPool", std::move(ask), read_warm_pool);
  if (found.has_value()) co_return found;
  co_return of_named_group(std::move(found).error());
}

task<result<std::vector<scaling_group>>> autoscaling::all_groups() {
  using page = result<page_of<scaling_group>>;
  auto ask = [this](const std::string&, const std::string& token) { return group_page(token); };
  auto read = [](page_of<scaling_group>& of) { return page(std::move(of)); };
  co_return co_await all_pages<scaling_group>("DescribeAutoScalingGroups", std::move(ask), std::move(read));
}

task<result<activity_page>> autoscaling::activities(std::string group, std::string from) {
  query_parameters parameters{{"AutoScalingGroupName", std::move(group)}, {"MaxRecords", "100"}};
  if (!from.empty()) parameters.emplace_back("NextToken", std::move(from));
  auto answer = co_await client_.call(services::autoscaling, "DescribeScalingActivities", std::move(parameters));
  if (!answer) co_return std::move(answer).error();
  co_return read_activities(*answer);
}

task<result<>> autoscaling::set_desired(std::string group, int desired) {
  query_parameters parameters{{"AutoScalingGroupName", std::move(group)},
                              {"DesiredCapacity", std::to_string(desired)},
                              {"HonorCooldown", "false"}};
  return client_.tell(services::autoscaling, "SetDesiredCapacity", std::move(parameters), only_once());
}

task<result<>> autoscaling::detach(std::string group, std::string instance) {
  query_parameters parameters{{"AutoScalingGroupName", std::move(group)},
                              {"InstanceIds.member.1", std::move(instance)},
                              {"ShouldDecrementDesiredCapacity", "false"}};
  return client_.tell(services::autoscaling, "DetachInstances", std::move(parameters), only_once());
}

task<result<>> autoscaling::terminate(std::string instance, bool lowers) {
  query_parameters parameters{{"InstanceId", std::move(instance)},
                              {"ShouldDecrementDesiredCapacity", lowers ? "true" : "false"}};
  return client_.tell(services::autoscaling, "TerminateInstanceInAutoScalingGroup", std::move(parameters), only_once());
}

std::optional<double> autoscaling::heartbeat_rate() const {
  return client_.rate_for(services::autoscaling, "RecordLifecycleActionHeartbeat");
}

std::optional<double> autoscaling::look_rate() const {
  return client_.rate_for(services::autoscaling, "DescribeAutoScalingInstances");
}

}  // namespace lifehook::aws
