#include "simulator/ecs_wire.h"

#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t most_described = 100;

std::int64_t active_services(const ecs_cluster& each) {
  return std::count_if(each.services.begin(), each.services.end(),
                       [](const auto& service) { return service.second->status == "ACTIVE"; });
}

json::object write_cluster(const ecs_cluster& each) {
  std::int64_t running = each.fargate_running;
  std::int64_t pending = each.fargate_pending;
  for (const auto& [id, on] : each.registered) {
    running += on->running;
    pending += on->pending;
  }
  return {{"clusterArn", each.arn},
          {"clusterName", each.name},
          {"status", each.status},
          {"registeredContainerInstancesCount", each.registered.size()},
          {"runningTasksCount", running},
          {"pendingTasksCount", pending},
          {"activeServicesCount", active_services(each)},
          {"statistics", json::array()},
          {"tags", json::array()},
          {"settings", json::array()},
          {"capacityProviders", json::value_from(each.capacity_providers)},
          {"defaultCapacityProviderStrategy", each.default_strategy}};
}

}  // namespace

answered create_cluster(ecs_model& model, const json::object& asked) {
  auto name = text_of(asked, "clusterName");
  if (name.empty()) name = "default";
  if (const auto known = model.active_cluster(name)) return json_answer({{"cluster", write_cluster(**known)}});
  auto& made = model.create_cluster(std::move(name));
  made.capacity_providers = texts_of(asked, "capacityProviders");
  const auto* strategy = asked.if_contains("defaultCapacityProviderStrategy");
  made.default_strategy = strategy && strategy->is_array() ? strategy->get_array() : json::array();
  return json_answer({{"cluster", write_cluster(made)}});
}

answered delete_cluster(ecs_model& model, const json::object& asked) {
  const auto found = cluster_of(model, asked);
  if (!found) return found.error();
  auto& each = **found;
  if (!each.registered.empty())
    return fault{400, "ClusterContainsContainerInstancesException",
                 "The Cluster cannot be deleted while Container Instances are active or draining."};
  if (active_services(each) > 0)
    return fault{400, "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."};
  each.status = "INACTIVE";
  return json_answer({{"cluster", write_cluster(each)}});
}

answered describe_clusters(ecs_model& model, const json::object& asked) {
  auto names = texts_of(asked, "clusters");
  if (names.size() > most_described) return invalid_parameter("Clusters cannot have more than 100 elements");
  if (names.empty()) names.emplace_back("default");
  json::array clusters;
  json::array failures;
  for (const auto& name : names) {
    const auto found = model.cluster(name);
    if (found) {
      clusters.push_back(write_cluster(**found));
    } else {
      failures.push_back(missing(model.owner().arn("ecs", "cluster/" + std::string(last_segment(name)))));
    }
  }
  return json_answer({{"clusters", std::move(clusters)}, {"failures", std::move(failures)}});
}

answered list_clusters(ecs_model& model, const json::object& asked) {
  const auto page = page_by_name(asked);
  if (!page) return page.error();
  std::map<std::string, const ecs_cluster*> active;
  for (const auto& [name, each] : model.clusters())
    if (each.status == "ACTIVE") active.emplace(name, &each);
  return page->list(
      active, "clusterArns", [](const ecs_cluster&) { return true; }, [](const ecs_cluster& each) { return each.arn; });
}

}  // namespace lifehook::simulator
