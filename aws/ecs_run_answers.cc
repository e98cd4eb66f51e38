#include "aws/ecs_run_answers.h"

#include "aws/fault.h"
#include "aws/json_fields.h"

#include <algorithm>

namespace lifehook::aws {

namespace {

namespace json = boost::json;

// Seconds since 1970, with a fraction.
std::optional<time_point> time_of(const json::object& in, std::string_view name) {
  constexpr double latest = 1e11;  // far from what a time_point cannot hold
  const auto* const found = in.if_contains(name);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  const std::chrono::duration<double> since(found->to_number<double>());
  if (!(since.count() >= 0 && since.count() <= latest)) return std::nullopt;
  return time_point(std::chrono::duration_cast<duration>(since));
}

std::map<std::string, std::string> read_tags(const json::object& from) {
  std::map<std::string, std::string> tags;
  for (const auto* const tag : objects_of(from, "tags")) tags.emplace(text_of(*tag, "key"), text_of(*tag, "value"));
  return tags;
}

std::vector<task_container> read_containers(const json::object& from) {
  std::vector<task_container> containers;
  for (const auto* const each : objects_of(from, "containers"))
    containers.push_back({text_of(*each, "name"), whole_number_of(*each, "exitCode")});
  return containers;
}

void read_network(whole_task& to, const json::object& from) {
  for (const auto* const attachment : objects_of(from, "attachments")) {
    if (text_of(*attachment, "type") != "ElasticNetworkInterface") continue;
    for (const auto* const detail : objects_of(*attachment, "details")) {
      const auto name = text_of(*detail, "name");
      if (name == "networkInterfaceId") to.interface_id = text_of(*detail, "value");
      if (name == "subnetId") to.subnet = text_of(*detail, "value");
      if (name == "privateIPv4Address") to.private_address = text_of(*detail, "value");
    }
  }
}

result<whole_task> read_task(const json::object& from) {
  whole_task read{.arn = text_of(from, "taskArn"),
                  .definition_arn = text_of(from, "taskDefinitionArn"),
                  .last_status = text_of(from, "lastStatus"),
                  .desired_status = text_of(from, "desiredStatus"),
                  .group = text_of(from, "group"),
                  .started_by = text_of(from, "startedBy"),
                  .stop_code = text_of(from, "stopCode"),
                  .stopped_reason = text_of(from, "stoppedReason"),
                  .stopped_at = time_of(from, "stoppedAt"),
                  .launch_type = text_of(from, "launchType"),
                  .capacity_provider = text_of(from, "capacityProviderName"),
                  .platform_version = text_of(from, "platformVersion"),
                  .enable_execute_command = flag_of(from, "enableExecuteCommand", false),
                  .overrides = json::object(object_of(from, "overrides"), json::storage_ptr()),
                  .tags = read_tags(from),
                  .containers = read_containers(from),
                  .interface_id = {},
                  .subnet = {},
                  .private_address = {}};
  read_network(read, from);
  if (read.definition_arn.empty() || read.last_status.empty())
    return unreadable_answer("a task", "its definition and status");
  return read;
}

const json::object* task_of(const json::object& answer, std::string_view arn) {
  for (const auto* const each : objects_of(answer, "tasks"))
    if (text_of(*each, "taskArn") == arn) return each;
  return nullptr;
}

bool is_missing(const json::object& answer) {
  const auto failures = objects_of(answer, "failures");
  return std::any_of(failures.begin(), failures.end(),
                     [](const auto* each) { return text_of(*each, "reason") == "MISSING"; });
}

void add_group(std::vector<std::string>& to, std::string arn) {
  if (!arn.empty() && std::find(to.begin(), to.end(), arn) == to.end()) to.push_back(std::move(arn));
}

// Of a blue/green service, also the target group its next deployment uses.
void add_groups(std::vector<std::string>& to, const json::object& from) {
  for (const auto* const each : objects_of(from, "loadBalancers")) {
    add_group(to, text_of(*each, "targetGroupArn"));
    add_group(to, text_of(object_of(*each, "advancedConfiguration"), "alternateTargetGroupArn"));
  }
}

}  // namespace

result<std::optional<whole_task>> read_whole_task(const json::object& answer, std::string_view arn) {
  const auto* const found = task_of(answer, arn);
  if (found == nullptr && is_missing(answer)) return std::optional<whole_task>();
  if (found == nullptr) return unreadable_answer("an answer", "the task");
  auto read = read_task(*found);
  if (!read) return std::move(read).error();
  return std::optional(*std::move(read));
}

result<run_answer> read_run(const json::object& answer) {
  run_answer read;
  for (const auto* const each : objects_of(answer, "tasks")) {
    read.arns.push_back(text_of(*each, "taskArn"));
    if (read.arns.back().empty()) return unreadable_answer("a task", "its ARN");
  }
  for (const auto* const each : objects_of(answer, "failures")) read.failures.push_back(text_of(*each, "reason"));
  if (read.arns.empty() && read.failures.empty()) return unreadable_answer("an answer", "a task or a failure");
  return read;
}

result<std::vector<std::string>> read_essential_containers(const json::object& answer) {
  const auto& definition = object_of(answer, "taskDefinition");
  std::vector<std::string> names;
  const auto containers = objects_of(definition, "containerDefinitions");
  if (containers.empty()) return unreadable_answer("a task definition", "its containers");
  for (const auto* const each : containers)
    if (flag_of(*each, "essential", true)) names.push_back(text_of(*each, "name"));
  return names;
}

result<std::vector<std::string>> read_target_groups(const json::object& answer) {
  const auto services = objects_of(answer, "services");
  if (services.empty() && !is_missing(answer)) return unreadable_answer("an answer", "the service");
  std::vector<std::string> groups;
  for (const auto* const service : services) {
    add_groups(groups, *service);
    for (const auto* const task_set : objects_of(*service, "taskSets")) add_groups(groups, *task_set);
  }
  return groups;
}

}  // namespace lifehook::aws
