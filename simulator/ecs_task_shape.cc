#include "simulator/ecs_task_shape.h"

#include "base/time_text.h"
#include "simulator/json_body.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

json::value write_time(time_point when, task_form form) {
  if (form == task_form::event) return json::value(to_rfc3339(when));
  return epoch_seconds(when);
}

json::object named(std::string_view name, std::string_view value) { return {{"name", name}, {"value", value}}; }

std::string_view container_status(const ecs_task& each, const ecs_container& one) {
  if (one.exit_code || !each.alive() || each.last_status == "DEPROVISIONING") return "STOPPED";
  return each.started ? "RUNNING" : "PENDING";
}

json::array write_interfaces(const ecs_task& each) {
  if (!each.interface) return {};
  return {json::object{{"attachmentId", each.interface->attachment}, {"privateIpv4Address", each.interface->address}}};
}

json::array write_containers(const account& owner, const ecs_task& each) {
  json::array told;
  for (const auto& one : each.containers) {
    json::object container{
        {"containerArn", owner.arn("ecs", fmt::format("container/{}/{}/{}", each.cluster.name, each.id, one.id))},
        {"taskArn", each.arn},
        {"name", one.name},
        {"image", one.image},
        {"lastStatus", container_status(each, one)},
        {"networkInterfaces", write_interfaces(each)},
        {"cpu", "0"}};
    if (each.started) container.emplace("runtimeId", one.runtime);
    if (one.exit_code) container.emplace("exitCode", *one.exit_code);
    told.push_back(std::move(container));
  }
  return told;
}

json::array write_attachments(const ecs_task& each, task_form form) {
  if (!each.interface) return {};
  const auto& one = *each.interface;
  json::array details{named("subnetId", one.subnet), named("networkInterfaceId", one.id), named("macAddress", one.mac),
                      named("privateIPv4Address", one.address)};
  return {json::object{{"id", one.attachment},
                       {"type", form == task_form::event ? "eni" : "ElasticNetworkInterface"},
                       {"status", one.is_deleted ? "DELETED"
                                  : each.pulled  ? "ATTACHED"
                                                 : "ATTACHING"},
                       {"details", std::move(details)}}};
}

// What was asked for, with an entry for each container.
json::object write_overrides(const ecs_task& each) {
  auto told = object_of(each.asked, "overrides");
  auto& containers = told["containerOverrides"];
  if (!containers.is_array()) containers.emplace_array();
  for (const auto& one : each.containers) {
    const auto is_this = [&one](const json::value& given) {
      return given.is_object() && text_of(given.get_object(), "name") == one.name;
    };
    if (std::ranges::none_of(containers.get_array(), is_this))
      containers.get_array().push_back(json::object{{"name", one.name}});
  }
  return told;
}

std::string size_of(const ecs_task& each, std::string_view what) {
  const auto changed = text_of(object_of(each.asked, "overrides"), what);
  return changed.empty() ? text_of(each.definition.told, what) : changed;
}

void write_place(json::object& told, const ecs_task& each) {
  told.emplace("launchType", each.on_fargate() ? "FARGATE" : "EC2");
  if (each.instance) told.emplace("containerInstanceArn", each.instance->arn);
  if (!each.capacity_provider.empty()) told.emplace("capacityProviderName", each.capacity_provider);
  if (!each.platform_version.empty()) told.emplace("platformVersion", each.platform_version);
  if (each.on_fargate()) told.emplace("platformFamily", "Linux");
}

void write_times(json::object& told, const ecs_task& each, task_form form) {
  const auto add = [&](std::string_view name, std::optional<time_point> when) {
    if (when) told.emplace(name, write_time(*when, form));
  };
  add("createdAt", each.created);
  add("connectivityAt", each.pulled);
  add("pullStartedAt", each.pulled);
  add("pullStoppedAt", each.started);
  add("startedAt", each.started);
  add("stoppingAt", each.stopping);
  add("executionStoppedAt", each.containers_ended);
  add("stoppedAt", each.stopped);
  if (form == task_form::event) add("updatedAt", each.updated);
}

}  // namespace

json::object write_task(const account& owner, const ecs_task& each, task_form form) {
  json::object told{{"taskArn", each.arn},
                    {"clusterArn", each.cluster.arn},
                    {"taskDefinitionArn", each.definition.arn},
                    {"availabilityZone", owner.region + "a"},
                    {"overrides", write_overrides(each)},
                    {"lastStatus", each.last_status},
                    {"desiredStatus", each.desired_status},
                    {"group", each.group},
                    {"version", each.version},
                    {"connectivity", each.reachable() ? "CONNECTED" : "DISCONNECTED"},
                    {"enableExecuteCommand", flag_of(each.asked, "enableExecuteCommand")},
                    {"containers", write_containers(owner, each)},
                    {"attachments", write_attachments(each, form)},
                    {"attributes", json::array{named("ecs.cpu-architecture", "x86_64")}}};
  write_place(told, each);
  write_times(told, each, form);
  for (const auto* what : {"cpu", "memory"})
    if (const auto size = size_of(each, what); !size.empty()) told.emplace(what, size);
  if (!each.started_by.empty()) told.emplace("startedBy", each.started_by);
  if (!each.stop_code.empty()) told.emplace("stopCode", each.stop_code);
  if (!each.stopped_reason.empty()) told.emplace("stoppedReason", each.stopped_reason);
  return told;
}

std::string task_event(const account& owner, const ecs_task& each, time_point now, std::string event_id) {
  return json::serialize(json::object{{"version", "0"},
                                      {"id", std::move(event_id)},
                                      {"detail-type", "ECS Task State Change"},
                                      {"source", "aws.ecs"},
                                      {"account", owner.id},
                                      {"time", to_rfc3339(now).substr(0, 19) + "Z"},
                                      {"region", owner.region},
                                      {"resources", json::array{each.arn}},
                                      {"detail", write_task(owner, each, task_form::event)}});
}

}  // namespace lifehook::simulator
