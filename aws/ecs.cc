#include "aws/ecs.h"

#include "aws/ecs_answers.h"
#include "aws/json_document.h"
#include "aws/json_fields.h"
#include "aws/pages.h"
#include "aws/services.h"

#include <algorithm>
#include <span>

namespace lifehook::aws {

namespace {

constexpr std::string_view service_prefix = "service:";  // of a task's group

namespace json = boost::json;
using names = std::span<const std::string_view>;

template <class T>
result<std::vector<T>> read_all(const json::object& answer, std::string_view name,
                                result<T> (*read)(const json::object&)) {
  std::vector<T> found;
  for (const auto* const each : objects_of(answer, name)) {
    auto one = read(*each);
    if (!one) return std::move(one).error();
    found.push_back(*std::move(one));
  }
  return found;
}

template <class T>
result<ecs_listing<T>> read_listing(const json::object& answer, std::string_view name,
                                    result<T> (*read)(const json::object&)) {
  auto found = read_all(answer, name, read);
  if (!found) return std::move(found).error();
  return ecs_listing<T>{*std::move(found), read_ecs_failures(answer)};
}

task<result<json_document>> ask(client& with, std::string_view operation, json::object body, names unread = {}) {
  return with.call(services::ecs, operation, std::move(body), {.unread = unread});
}

task<result<>> tell(client& with, std::string_view operation, json::object body) {
  auto answer = co_await ask(with, operation, std::move(body));
  if (!answer) co_return std::move(answer).error();
  co_return result<>();
}

// All pages of a listing of ARNs, which are the answers' `member`.
task<result<std::vector<std::string>>> list_all(client& with, std::string operation, json::object body,
                                                std::string_view member) {
  auto ask_page = [&with, body = std::move(body)](const std::string& what, const std::string& token) mutable {
    if (!token.empty()) body["nextToken"] = token;
    return ask(with, what, body);
  };
  auto read = [member](const json_document& answer) { return read_ecs_page(answer.root(), member); };
  return all_pages<std::string>(std::move(operation), std::move(ask_page), read);
}

template <class T>
task<result<ecs_listing<T>>> list_of(client& with, std::string_view operation, json::object body,
                                     std::string_view member, result<T> (*read)(const json::object&), names unread) {
  auto answer = co_await ask(with, operation, std::move(body), unread);
  if (!answer) co_return std::move(answer).error();
  co_return read_listing(answer->root(), member, read);
}

// Ids come from events and end in a query language.
bool is_instance_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string instance_filter(const std::vector<std::string>& ids) {
  if (ids.size() == 1) return "ec2InstanceId == " + ids.front();
  std::string filter("ec2InstanceId in [");
  for (const auto& id : ids) filter.append(&id == &ids.front() ? "" : ", ").append(id);
  return filter.append("]");
}

}  // namespace

bool is_unknown_cluster(const error& why) {
  return why.aws_code() == "ClusterNotFoundException" || why.aws_code() == "ClusterNotFound";
}

bool is_service_group(std::string_view group) { return group.starts_with(service_prefix); }

std::string_view service_of_group(std::string_view group) {
  return is_service_group(group) ? group.substr(service_prefix.size()) : std::string_view();
}

bool is_of_service(std::string_view started_by, std::string_view group) {
  return started_by.starts_with("ecs-svc/") || is_service_group(group);
}

task<result<std::vector<std::string>>> ecs::find_container_instances(std::string cluster,
                                                                     std::vector<std::string> ec2_instance_ids) {
  if (ec2_instance_ids.empty()) co_return std::vector<std::string>();
  if (!std::all_of(ec2_instance_ids.begin(), ec2_instance_ids.end(), is_instance_id))
    co_return error{errc::rejected, "finding container instances: not an instance id"};
  json::object body{
      {"cluster", std::move(cluster)}, {"filter", instance_filter(ec2_instance_ids)}, {"maxResults", 100}};
  co_return co_await list_all(client_, "ListContainerInstances", std::move(body), "containerInstanceArns");
}

task<result<ecs_listing<container_instance>>> ecs::describe_container_instances(std::string cluster,
                                                                                std::vector<std::string> arns) {
  json::object body{{"cluster", std::move(cluster)}, {"containerInstances", array_of(arns)}};
  return list_of(client_, "DescribeContainerInstances", std::move(body), "containerInstances", read_container_instance,
                 unread_of_container_instances());
}

task<result<ecs_listing<container_instance>>> ecs::set_state(std::string cluster, std::vector<std::string> arns,
                                                             std::string status) {
  json::object body{
      {"cluster", std::move(cluster)}, {"containerInstances", array_of(arns)}, {"status", std::move(status)}};
  return list_of(client_, "UpdateContainerInstancesState", std::move(body), "containerInstances",
                 read_container_instance, unread_of_container_instances());
}

task<result<>> ecs::deregister(std::string cluster, std::string arn, bool force) {
  json::object body{{"cluster", std::move(cluster)}, {"containerInstance", std::move(arn)}, {"force", force}};
  return tell(client_, "DeregisterContainerInstance", std::move(body));
}

task<result<std::vector<std::string>>> ecs::list_tasks(std::string cluster, std::string container_instance,
                                                       std::string desired_status) {
  json::object body{{"cluster", std::move(cluster)}, {"desiredStatus", std::move(desired_status)}, {"maxResults", 100}};
  if (!container_instance.empty()) body["containerInstance"] = std::move(container_instance);
  return list_all(client_, "ListTasks", std::move(body), "taskArns");
}

task<result<ecs_listing<ecs_task>>> ecs::describe_tasks(std::string cluster, std::vector<std::string> arns) {
  json::object body{{"cluster", std::move(cluster)}, {"tasks", array_of(arns)}};
  return list_of(client_, "DescribeTasks", std::move(body), "tasks", read_ecs_task, unread_of_tasks());
}

task<result<>> ecs::stop_task(std::string cluster, std::string arn, std::string reason) {
  json::object body{{"cluster", std::move(cluster)}, {"task", std::move(arn)}, {"reason", std::move(reason)}};
  return tell(client_, "StopTask", std::move(body));
}

task<result<std::vector<ecs_service>>> ecs::describe_services(std::string cluster, std::vector<std::string> names) {
  json::object body{{"cluster", std::move(cluster)}, {"services", array_of(names)}};
  auto answer = co_await ask(client_, "DescribeServices", std::move(body));
  if (!answer) co_return std::move(answer).error();
  co_return read_all(answer->root(), "services", read_ecs_service);
}

task<result<std::vector<std::string>>> ecs::protected_tasks(std::string cluster, std::vector<std::string> arns) {
  json::object body{{"cluster", std::move(cluster)}, {"tasks", array_of(arns)}};
  auto answer = co_await ask(client_, "GetTaskProtection", std::move(body));
  if (!answer) co_return std::move(answer).error();
  std::vector<std::string> guarded;
  for (const auto* const each : objects_of(answer->root(), "protectedTasks"))
    if (flag_of(*each, "protectionEnabled", false)) guarded.push_back(text_of(*each, "taskArn"));
  co_return guarded;
}

task<result<std::vector<ecs_cluster>>> ecs::describe_clusters(std::vector<std::string> names) {
  json::object body{{"clusters", array_of(names)}};
  auto answer = co_await ask(client_, "DescribeClusters", std::move(body));
  if (!answer) co_return std::move(answer).error();
  co_return read_all(answer->root(), "clusters", read_ecs_cluster);
}

task<result<std::vector<std::string>>> ecs::list_clusters() {
  return list_all(client_, "ListClusters", json::object{{"maxResults", 100}}, "clusterArns");
}

bool ecs::has_reads_to_spare() const { return client_.has_to_spare(services::ecs, "DescribeContainerInstances"); }

std::optional<double> ecs::look_rate() const { return client_.rate_for(services::ecs, "DescribeContainerInstances"); }

}  // namespace lifehook::aws
