#include "simulator/ecs_wire.h"

#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t most_described = 10;

std::int64_t wanted_count(const ecs_service& each) {
  if (!each.with.daemon) return each.with.desired;
  if (each.status != "ACTIVE") return 0;
  const auto& on = each.cluster.registered;
  return std::count_if(on.begin(), on.end(), [](const auto& one) { return one.second->status == "ACTIVE"; });
}

json::array write_events(const ecs_service& each) {
  json::array events;
  for (const auto& event : each.events)
    events.push_back({{"id", event.id}, {"createdAt", epoch_seconds(event.at)}, {"message", event.message}});
  return events;
}

json::array write_load_balancers(const ecs_service& each) {
  json::array told;
  for (const auto& one : each.with.load_balancers)
    told.push_back(
        {{"targetGroupArn", one.target_group_arn}, {"containerName", one.container}, {"containerPort", one.port}});
  return told;
}

json::object write_service(const ecs_service& each) {
  const auto wanted = wanted_count(each);
  json::object told{
      {"serviceArn", each.arn},
      {"serviceName", each.with.name},
      {"clusterArn", each.cluster.arn},
      {"loadBalancers", write_load_balancers(each)},
      {"serviceRegistries", json::array()},
      {"status", each.status},
      {"desiredCount", wanted},
      {"runningCount", each.healthy},
      {"pendingCount", each.pending},
      {"taskDefinition", each.runs->arn},
      {"deploymentConfiguration",
       {{"maximumPercent", each.with.maximum_percent}, {"minimumHealthyPercent", each.with.minimum_healthy_percent}}},
      {"deployments", json::array{json::object{{"id", "ecs-svc/" + each.deployment},
                                               {"status", "PRIMARY"},
                                               {"taskDefinition", each.runs->arn},
                                               {"desiredCount", wanted},
                                               {"pendingCount", each.pending},
                                               {"runningCount", each.healthy},
                                               {"failedTasks", 0},
                                               {"createdAt", epoch_seconds(each.created)},
                                               {"updatedAt", epoch_seconds(each.created)},
                                               {"launchType", each.with.launch_type}}}},
      {"events", write_events(each)},
      {"createdAt", epoch_seconds(each.created)},
      {"placementConstraints", json::array()},
      {"placementStrategy", json::array()},
      {"schedulingStrategy", each.with.daemon ? "DAEMON" : "REPLICA"},
      {"propagateTags", "NONE"}};
  if (each.with.capacity_provider.empty()) {
    told.emplace("launchType", each.with.launch_type);
  } else {
    told.emplace(
        "capacityProviderStrategy",
        json::array{json::object{{"capacityProvider", each.with.capacity_provider}, {"weight", 1}, {"base", 0}}});
  }
  return told;
}

// What CreateService and UpdateService say about numbers, over what is known already.
void read_counts(service_settings& with, const json::object& asked) {
  const auto deployment = object_of(asked, "deploymentConfiguration");
  with.desired = static_cast<int>(number_of(asked, "desiredCount").value_or(with.desired));
  with.minimum_healthy_percent =
      static_cast<int>(number_of(deployment, "minimumHealthyPercent").value_or(with.minimum_healthy_percent));
  with.maximum_percent = static_cast<int>(number_of(deployment, "maximumPercent").value_or(with.maximum_percent));
}

void read_load_balancers(service_settings& with, const json::object& asked) {
  const auto* given = asked.if_contains("loadBalancers");
  if (!given || !given->is_array()) return;
  with.load_balancers.clear();
  for (const auto& each : given->get_array()) {
    if (!each.is_object()) continue;
    const auto& one = each.get_object();
    with.load_balancers.push_back({text_of(one, "targetGroupArn"), text_of(one, "containerName"),
                                   static_cast<int>(number_of(one, "containerPort").value_or(0))});
  }
}

or_fault<> read_placement(service_settings& with, const ecs_cluster& in, const task_definition& runs,
                          const json::object& asked) {
  const auto provider = provider_in(in, asked);
  if (!provider) return provider.error();
  const bool on_fargate = is_fargate(*provider) || text_of(asked, "launchType") == "FARGATE";
  if (!on_fargate) return {};
  const auto network = network_in(asked);
  if (!runs_on_fargate(runs)) return invalid_parameter("Task definition does not support launch_type FARGATE.");
  if (!network)
    return invalid_parameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  with.launch_type = "FARGATE";
  with.capacity_provider = *provider;
  with.subnets = network->subnets;
  with.security_groups = network->security_groups;
  return {};
}

fault no_such_service() { return {400, "ServiceNotFoundException", "Service not found."}; }

}  // namespace

answered register_task_definition(ecs_model& model, const json::object& asked) {
  const auto made = model.definitions().add(asked);
  if (!made) return made.error();
  return json_answer({{"taskDefinition", (*made)->told}});
}

answered describe_task_definition(ecs_model& model, const json::object& asked) {
  const auto* found = model.definitions().find(text_of(asked, "taskDefinition"));
  if (!found) return fault{400, "ClientException", "Unable to describe task definition."};
  return json_answer({{"taskDefinition", found->told}, {"tags", json::array()}});
}

answered create_service(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  const auto runs = model.definition(text_of(asked, "taskDefinition"));
  if (!runs) return runs.error();
  service_settings with;
  with.cluster = (*in)->name;
  with.name = text_of(asked, "serviceName");
  with.daemon = text_of(asked, "schedulingStrategy") == "DAEMON";
  if (with.name.empty()) return invalid_parameter("ServiceName cannot be null or empty");
  const auto* known = model.service(**in, with.name);
  if (known && known->status != "INACTIVE") return invalid_parameter("Creation of service was not idempotent.");
  read_counts(with, asked);
  read_load_balancers(with, asked);
  if (auto placed = read_placement(with, **in, **runs, asked); !placed) return placed.error();
  return json_answer({{"service", write_service(model.create_service(**in, std::move(with), **runs))}});
}

answered update_service(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  auto* each = model.service(**in, text_of(asked, "service"));
  if (!each) return no_such_service();
  if (each->status != "ACTIVE") return fault{400, "ServiceNotActiveException", "Service was not ACTIVE."};
  auto with = each->with;
  read_counts(with, asked);
  model.update_service(*each, std::move(with));
  return json_answer({{"service", write_service(*each)}});
}

answered delete_service(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  auto* each = model.service(**in, text_of(asked, "service"));
  if (!each || each->status == "INACTIVE") return no_such_service();
  if (auto done = model.delete_service(*each, flag_of(asked, "force")); !done) return done.error();
  return json_answer({{"service", write_service(*each)}});
}

answered describe_services(ecs_model& model, const json::object& asked) {
  const auto in = cluster_of(model, asked);
  if (!in) return in.error();
  const auto names = texts_of(asked, "services");
  if (names.empty()) return invalid_parameter("Services cannot be empty.");
  if (names.size() > most_described) return invalid_parameter("Services cannot have more than 10 elements");
  json::array services;
  json::array failures;
  for (const auto& name : names) {
    if (const auto* each = model.service(**in, name)) {
      services.push_back(write_service(*each));
    } else {
      const auto resource = "service/" + (*in)->name + "/" + std::string(last_segment(name));
      failures.push_back(missing(model.owner().arn("ecs", resource)));
    }
  }
  return json_answer({{"services", std::move(services)}, {"failures", std::move(failures)}});
}

answered list_services(ecs_model& model, const json::object& asked) {
  const auto in = cluster_of(model, asked);
  if (!in) return in.error();
  const auto page = page_by_name(asked);
  if (!page) return page.error();
  const auto strategy = text_of(asked, "schedulingStrategy");
  const auto keep = [&strategy](const ecs_service& each) {
    const auto own = each.with.daemon ? "DAEMON" : "REPLICA";
    return each.status != "INACTIVE" && (strategy.empty() || strategy == own);
  };
  return page->list((*in)->services, "serviceArns", keep, [](const ecs_service& each) { return each.arn; });
}

}  // namespace lifehook::simulator
