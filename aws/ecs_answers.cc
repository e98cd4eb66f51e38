#include "aws/ecs_answers.h"

#include "aws/fault.h"
#include "aws/json_fields.h"

#include <array>

namespace lifehook::aws {

namespace {

namespace json = boost::json;

}  // namespace

result<container_instance> read_container_instance(const json::object& from) {
  const auto running = count_of(from, "runningTasksCount");
  const auto pending = count_of(from, "pendingTasksCount");
  if (!running || !pending) return unreadable_answer("a container instance", "its task counts");
  container_instance read{.arn = text_of(from, "containerInstanceArn"),
                          .ec2_instance_id = text_of(from, "ec2InstanceId"),
                          .status = text_of(from, "status"),
                          .agent_connected = flag_of(from, "agentConnected", true),
                          .running_tasks = *running,
                          .pending_tasks = *pending};
  if (read.arn.empty() || read.status.empty()) return unreadable_answer("a container instance", "its ARN and status");
  return read;
}

result<ecs_task> read_ecs_task(const json::object& from) {
  ecs_task read{.arn = text_of(from, "taskArn"),
                .last_status = text_of(from, "lastStatus"),
                .group = text_of(from, "group"),
                .started_by = text_of(from, "startedBy"),
                .container_instance_arn = text_of(from, "containerInstanceArn")};
  if (read.arn.empty() || read.last_status.empty()) return unreadable_answer("a task", "its ARN and status");
  return read;
}

result<ecs_service> read_ecs_service(const json::object& from) {
  constexpr std::size_t most_events = 10;
  const auto& deployment = object_of(from, "deploymentConfiguration");
  ecs_service read{.name = text_of(from, "serviceName"),
                   .minimum_healthy_percent = count_of(deployment, "minimumHealthyPercent").value_or(100),
                   .maximum_percent = count_of(deployment, "maximumPercent").value_or(200),
                   .scheduling_strategy = text_of(from, "schedulingStrategy"),
                   .desired_count = count_of(from, "desiredCount").value_or(0),
                   .running_count = count_of(from, "runningCount").value_or(0),
                   .recent_events = {}};
  for (const auto* const each : objects_of(from, "events"))
    if (read.recent_events.size() < most_events) read.recent_events.push_back(text_of(*each, "message"));
  return read;
}

result<ecs_cluster> read_ecs_cluster(const json::object& from) {
  ecs_cluster read{text_of(from, "status"), count_of(from, "runningTasksCount")};
  if (read.tasks) *read.tasks += count_of(from, "pendingTasksCount").value_or(0);
  return read;
}

std::vector<ecs_failure> read_ecs_failures(const json::object& answer) {
  std::vector<ecs_failure> failures;
  for (const auto* const each : objects_of(answer, "failures"))
    failures.push_back({text_of(*each, "arn"), text_of(*each, "reason")});
  return failures;
}

std::span<const std::string_view> unread_of_container_instances() {
  static constexpr std::array<std::string_view, 8> names{"attachments",  "attributes",          "gpuDevices",
                                                         "healthStatus", "registeredResources", "remainingResources",
                                                         "tags",         "versionInfo"};
  return names;
}

std::span<const std::string_view> unread_of_tasks() {
  static constexpr std::array<std::string_view, 9> names{
      "attachments",           "attributes", "containers", "ephemeralStorage",       "fargateEphemeralStorage",
      "inferenceAccelerators", "overrides",  "tags",       "trustedExecutionSummary"};
  return names;
}

result<page_of<std::string>> read_ecs_page(const json::object& answer, std::string_view member) {
  const auto* const list = answer.if_contains(member);
  if (list == nullptr || !list->is_array()) return unreadable_answer("an answer", member);
  page_of<std::string> read{texts_of(answer, member), text_of(answer, "nextToken")};
  if (read.found.size() != list->get_array().size())
    return unreadable_answer("an answer", "ARNs alone in its " + std::string(member));
  const auto* const token = answer.if_contains("nextToken");
  if (token != nullptr && !token->is_string() && !token->is_null())
    return unreadable_answer("a page", "a nextToken that is text");
  return read;
}

}  // namespace lifehook::aws
