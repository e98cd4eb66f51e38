#include "simulator/ecs_wire.h"

#include "base/number.h"

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
      {"DescribeTaskDefinition", describe_task_definition},
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

or_fault<ecs_cluster*> cluster_of(ecs_model& model, const json::object& asked) {
  return model.cluster(text_of(asked, "cluster"));
}

or_fault<ecs_cluster*> active_cluster_of(ecs_model& model, const json::object& asked) {
  return model.active_cluster(text_of(asked, "cluster"));
}

or_fault<std::string> provider_in(const ecs_cluster& in, const json::object& asked) {
  const auto* given = asked.if_contains("capacityProviderStrategy");
  const bool typed = !text_of(asked, "launchType").empty();
  const bool asks = given && given->is_array() && !given->get_array().empty();
  if (asks && typed)
    return invalid_parameter(
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.");
  if (!asks && typed) return std::string();
  const auto& strategy = asks ? given->get_array() : in.default_strategy;
  std::string chosen;
  std::int64_t heaviest = -1;
  for (const auto& each : strategy) {
    const auto part = each.is_object() ? each.get_object() : json::object();
    const auto name = text_of(part, "capacityProvider");
    if (std::ranges::find(in.capacity_providers, name) == in.capacity_providers.end())
      return invalid_parameter(
          "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the "
          "cluster. Associate the capacity provider with the cluster and try again.");
    const auto weight = number_of(part, "weight").value_or(0);
    if (weight > heaviest) chosen = name;
    heaviest = std::max(heaviest, weight);
  }
  return chosen;
}

std::optional<task_network> network_in(const json::object& asked) {
  const auto network = object_of(object_of(asked, "networkConfiguration"), "awsvpcConfiguration");
  task_network read{texts_of(network, "subnets"), texts_of(network, "securityGroups"),
                    text_of(network, "assignPublicIp") == "ENABLED"};
  return read.subnets.empty() ? std::nullopt : std::optional(std::move(read));
}

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
  const auto after = start->empty() ? 0 : parse_number<std::uint64_t>(*start);
  if (!after) return invalid_parameter("Invalid token " + *start);
  return listed_page<std::uint64_t>{*after, *size};
}

}  // namespace lifehook::simulator
