#include "aws/ecs.h"
#include "handlers/parse_bridge.h"
#include "handlers/parse_fields.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace lifehook::handlers {

namespace {

bool is_arn(std::string_view text) { return text.starts_with("arn:") && is_printable(text, 512); }

// "report" of ".../task-definition/report:3"; empty for what is no such ARN.
std::string_view family_of(std::string_view definition) {
  if (!is_arn(definition)) return {};
  const auto slash = definition.rfind('/');
  if (slash == definition.npos) return {};
  definition.remove_prefix(slash + 1);
  return definition.substr(0, definition.rfind(':'));
}

// Fargate Spot takes a task back: told to stop, two minutes before it is.
bool is_interruption(const boost::json::object& task) {
  const bool fargate =
      text_field(task, "launchType") == "FARGATE" || text_field(task, "capacityProviderName") == "FARGATE_SPOT";
  return fargate && text_field(task, "stopCode") == "TerminationNotice" &&
         text_field(task, "desiredStatus") == "STOPPED" && text_field(task, "lastStatus") != "STOPPED";
}

// Its network can only be read while its interface exists: it is noted before there is need of it.
bool runs_with_an_interface(const boost::json::object& task) {
  const auto* const attachments = task.if_contains("attachments");
  if (attachments == nullptr || !attachments->is_array()) return false;
  if (text_field(task, "lastStatus") != "RUNNING" || text_field(task, "desiredStatus") != "RUNNING") return false;
  const auto& all = attachments->get_array();
  return std::any_of(all.begin(), all.end(), [](const boost::json::value& each) {
    return each.is_object() && text_field(each.get_object(), "type") == "eni";
  });
}

}  // namespace

result<parsed> parse_task_change(const bridge_event& from) {
  const auto& task = from.detail;
  event read = from.common;
  read.task_arn = text_field(task, "taskArn");
  read.cluster_arn = text_field(task, "clusterArn");
  const auto status = text_field(task, "lastStatus");
  if (!is_arn(read.task_arn) || !is_arn(read.cluster_arn) || status.empty())
    return error{errc::malformed, "a change of an ECS task without the task, its cluster or its status"};
  if (const auto group = text_field(task, "group"); is_printable(group, 255)) read.task_group = group;
  read.definition_family = family_of(text_field(task, "taskDefinitionArn"));
  if (const auto code = text_field(task, "stopCode"); is_printable(code, 64)) read.detail = code;
  if (is_interruption(task)) {
    read.kind = event_kind::task_interruption;
    return one(std::move(read));
  }
  // ECS replaces the tasks of its services itself. Any other was run by somebody, in a group of their own or none.
  if (aws::is_of_service(text_field(task, "startedBy"), text_field(task, "group"))) return ignore("ecs_service_task");
  if (runs_with_an_interface(task)) {
    read.kind = event_kind::task_running;
    return one(std::move(read));
  }
  if (status != "STOPPED") return ignore("ecs_task_state");
  read.kind = event_kind::task_stopped;
  return one(std::move(read));
}

}  // namespace lifehook::handlers
