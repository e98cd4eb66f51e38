#include "simulator/ecs_wire.h"

#include <charconv>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::string_view token_mark = "after/";
constexpr std::int64_t largest_page = 100;

or_fault<std::size_t> page_size(const json::object& asked) {
  const auto size = number_of(asked, "maxResults").value_or(largest_page);
  if (size < 1 || size > largest_page) return invalid_parameter("maxResults must be between 1 and 100");
  return or_fault<std::size_t>(boost::system::in_place_value, static_cast<std::size_t>(size));
}

or_fault<std::string> page_start(const json::object& asked) {
  const auto token = text_of(asked, "nextToken");
  if (token.empty()) return std::string();
  if (!token.starts_with(token_mark)) return invalid_parameter("Invalid token " + token);
  return token.substr(token_mark.size());
}

}  // namespace

const std::vector<ecs_action>& ecs_actions() {
  static const std::vector<ecs_action> all = {
      {"CreateCluster", create_cluster},
      {"DeleteCluster", delete_cluster},
      {"DescribeClusters", describe_clusters},
      {"ListClusters", list_clusters},
      {"RegisterContainerInstance", register_container_instance},
      {"DeregisterContainerInstance", deregister_container_instance},
      {"ListContainerInstances", list_container_instances},
      {"DescribeContainerInstances", describe_container_instances},
      {"UpdateContainerInstancesState", update_container_instances_state},
      {"RegisterTaskDefinition", register_task_definition},
      {"CreateService", create_service},
      {"UpdateService", update_service},
      {"DeleteService", delete_service},
      {"DescribeServices", describe_services},
      {"ListServices", list_services},
      {"RunTask", run_task},
      {"StartTask", start_task},
      {"StopTask", stop_task},
      {"ListTasks", list_tasks},
      {"DescribeTasks", describe_tasks},
      {"UpdateTaskProtection", update_task_protection},
      {"GetTaskProtection", get_task_protection},
  };
  return all;
}

std::string text_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> number_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  if (!value || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

bool flag_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_bool() && value->get_bool();
}

json::object object_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_object() ? value->get_object() : json::object();
}

std::vector<std::string> texts_of(const json::object& from, std::string_view name) {
  std::vector<std::string> texts;
  const auto* value = from.if_contains(name);
  if (!value || !value->is_array()) return texts;
  for (const auto& each : value->get_array())
    if (each.is_string()) texts.emplace_back(each.get_string());
  return texts;
}

or_fault<ecs_cluster*> cluster_of(ecs_model& model, const json::object& asked) {
  return model.cluster(text_of(asked, "cluster"));
}

or_fault<ecs_cluster*> active_cluster_of(ecs_model& model, const json::object& asked) {
  return model.active_cluster(text_of(asked, "cluster"));
}

double epoch_seconds(time_point when) { return std::chrono::duration<double>(when.time_since_epoch()).count(); }

json::object missing(std::string_view reference, std::string_view reason) {
  return {{"arn", reference}, {"reason", reason}};
}

answer json_answer(json::object body) { return {std::move(body), {}}; }

or_fault<listed_page<std::string>> page_by_name(const json::object& asked) {
  const auto size = page_size(asked);
  const auto start = page_start(asked);
  if (!size) return size.error();
  if (!start) return start.error();
  return listed_page<std::string>{*start, *size};
}

or_fault<listed_page<std::uint64_t>> page_by_order(const json::object& asked) {
  const auto size = page_size(asked);
  const auto start = page_start(asked);
  if (!size) return size.error();
  if (!start) return start.error();
  std::uint64_t after = 0;
  const auto* end = start->data() + start->size();
  if (!start->empty() && std::from_chars(start->data(), end, after).ptr != end)
    return invalid_parameter("Invalid token " + *start);
  return listed_page<std::uint64_t>{after, *size};
}

}  // namespace lifehook::simulator
