#include "aws/ecs_run.h"

#include "aws/ecs_run_answers.h"
#include "aws/json_document.h"
#include "aws/json_fields.h"
#include "aws/services.h"

#include <boost/algorithm/string/find.hpp>
#include <boost/algorithm/string/predicate.hpp>

namespace lifehook::aws {

namespace {

namespace json = boost::json;
using boost::algorithm::icontains;
using boost::algorithm::istarts_with;

task<result<json_document>> ask(client& with, std::string_view operation, json::object body,
                                call_options options = {}) {
  return with.call(services::ecs, operation, std::move(body), std::move(options));
}

void add_text(json::object& to, std::string_view name, std::string text) {
  if (!text.empty()) to[name] = std::move(text);
}

// Groups of these two kinds are ECS's to give; "family:" is what a task gets without being asked.
bool is_group_of_ecs(std::string_view group) { return group.starts_with("family:") || is_service_group(group); }

bool runs_on_fargate(const run_request& what) {
  return what.launch_type == "FARGATE" || what.capacity_provider == "FARGATE" ||
         what.capacity_provider == "FARGATE_SPOT";
}

void add_place(json::object& to, const run_request& what) {
  if (!what.launch_type.empty())
    to["launchType"] = what.launch_type;
  else if (!what.capacity_provider.empty())
    to["capacityProviderStrategy"] =
        json::array{json::object{{"capacityProvider", what.capacity_provider}, {"weight", 1}}};
  if (runs_on_fargate(what)) add_text(to, "platformVersion", what.platform_version);
}

void add_network(json::object& to, const task_network& network) {
  json::object configuration{{"subnets", array_of(network.subnets)}};
  if (!network.security_groups.empty()) configuration["securityGroups"] = array_of(network.security_groups);
  configuration["assignPublicIp"] = network.public_address ? "ENABLED" : "DISABLED";
  to["networkConfiguration"] = json::object{{"awsvpcConfiguration", std::move(configuration)}};
}

// AWS refuses its own tags, in whatever case, from anybody else.
void add_tags(json::object& to, const std::map<std::string, std::string>& tags) {
  json::array written;
  for (const auto& [key, value] : tags)
    if (!istarts_with(key, "aws:")) written.push_back(json::object{{"key", key}, {"value", value}});
  if (!written.empty()) to["tags"] = std::move(written);
}

json::object body_of(run_request what) {
  json::object body{{"cluster", what.cluster}, {"taskDefinition", what.definition_arn}, {"count", 1}};
  add_text(body, "clientToken", what.client_token);
  if (!is_group_of_ecs(what.group)) add_text(body, "group", what.group);
  add_text(body, "startedBy", what.started_by);
  add_place(body, what);
  if (what.network) add_network(body, *what.network);
  if (!what.overrides.empty()) body["overrides"] = std::move(what.overrides);
  add_tags(body, what.tags);
  if (what.enable_execute_command) body["enableExecuteCommand"] = true;
  return body;
}

// An empty cluster is refused where a full one answers with failures; it passes as instances come.
bool has_no_instances(const error& why) {
  return why.aws_code() == "InvalidParameterException" && icontains(why.what(), "No Container Instances were found");
}

}  // namespace

bool is_token_used(const error& why) { return why.aws_code() == "ConflictException"; }

task<result<std::optional<whole_task>>> ecs_runner::describe(std::string cluster, std::string arn) {
  json::object body{{"cluster", std::move(cluster)}, {"tasks", json::array{arn}}, {"include", json::array{"TAGS"}}};
  auto answer = co_await ask(client_, "DescribeTasks", std::move(body));
  if (!answer) co_return std::move(answer).error();
  auto read = read_whole_task(answer->root(), arn);
  if (!read) co_return std::move(read).error().in("DescribeTasks");
  co_return read;
}

task<result<run_answer>> ecs_runner::run(run_request what) {
  call_options options;
  // Only a token makes two requests one task.
  if (what.client_token.empty()) options = {.attempts = 1, .fresh_connection = true};
  auto answer = co_await ask(client_, "RunTask", body_of(std::move(what)), std::move(options));
  if (answer.has_error() && has_no_instances(answer.error()))
    co_return run_answer{.arns = {}, .failures = {"No Container Instances were found in your cluster."}};
  if (!answer) co_return std::move(answer).error();
  auto read = read_run(answer->root());
  if (!read) co_return std::move(read).error().in("RunTask");
  co_return read;
}

task<result<std::vector<std::string>>> ecs_runner::essential_containers(std::string definition_arn) {
  auto answer = co_await ask(client_, "DescribeTaskDefinition", {{"taskDefinition", std::move(definition_arn)}});
  if (!answer) co_return std::move(answer).error();
  auto read = read_essential_containers(answer->root());
  if (!read) co_return std::move(read).error().in("DescribeTaskDefinition");
  co_return read;
}

task<result<std::vector<std::string>>> ecs_runner::target_groups(std::string cluster, std::string service) {
  json::object body{{"cluster", std::move(cluster)}, {"services", json::array{std::move(service)}}};
  auto answer = co_await ask(client_, "DescribeServices", std::move(body));
  if (!answer) co_return std::move(answer).error();
  auto read = read_target_groups(answer->root());
  if (!read) co_return std::move(read).error().in("DescribeServices");
  co_return read;
}

}  // namespace lifehook::aws
