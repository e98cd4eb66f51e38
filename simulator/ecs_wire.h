#pragma once

#include "simulator/ecs_filter.h"
#include "simulator/ecs_model.h"
#include "simulator/ecs_task_shape.h"
#include "simulator/json_body.h"

#include <boost/json/array.hpp>

#include <algorithm>

namespace lifehook::simulator {

// ECS's JSON actions: a body in, an answer's JSON out, with names and shapes as the service's model has them.
struct ecs_action {
  std::string_view name;
  answered (*act)(ecs_model& model, const boost::json::object& asked);
};

const std::vector<ecs_action>& ecs_actions();

answered create_cluster(ecs_model& model, const boost::json::object& asked);
answered delete_cluster(ecs_model& model, const boost::json::object& asked);
answered describe_clusters(ecs_model& model, const boost::json::object& asked);
answered list_clusters(ecs_model& model, const boost::json::object& asked);

answered register_container_instance(ecs_model& model, const boost::json::object& asked);
answered deregister_container_instance(ecs_model& model, const boost::json::object& asked);
answered list_container_instances(ecs_model& model, const boost::json::object& asked);
answered describe_container_instances(ecs_model& model, const boost::json::object& asked);
answered update_container_instances_state(ecs_model& model, const boost::json::object& asked);

answered register_task_definition(ecs_model& model, const boost::json::object& asked);
answered describe_task_definition(ecs_model& model, const boost::json::object& asked);
answered create_service(ecs_model& model, const boost::json::object& asked);
answered update_service(ecs_model& model, const boost::json::object& asked);
answered delete_service(ecs_model& model, const boost::json::object& asked);
answered describe_services(ecs_model& model, const boost::json::object& asked);
answered list_services(ecs_model& model, const boost::json::object& asked);

answered run_task(ecs_model& model, const boost::json::object& asked);
answered start_task(ecs_model& model, const boost::json::object& asked);
answered stop_task(ecs_model& model, const boost::json::object& asked);
answered list_tasks(ecs_model& model, const boost::json::object& asked);
answered describe_tasks(ecs_model& model, const boost::json::object& asked);
answered update_task_protection(ecs_model& model, const boost::json::object& asked);
answered get_task_protection(ecs_model& model, const boost::json::object& asked);

// The cluster the body names.
or_fault<ecs_cluster*> cluster_of(ecs_model& model, const boost::json::object& asked);
or_fault<ecs_cluster*> active_cluster_of(ecs_model& model, const boost::json::object& asked);

// The capacity provider that a strategy of the body means, else the cluster's default one when no launch type is asked
// for: of several the one of the greatest weight. Empty: none.
or_fault<std::string> provider_in(const ecs_cluster& in, const boost::json::object& asked);
// networkConfiguration.awsvpcConfiguration; none without a subnet.
std::optional<task_network> network_in(const boost::json::object& asked);

boost::json::object write_tagged_task(const ecs_model& model, const ecs_task& each);
boost::json::object missing(std::string_view reference, std::string_view reason = "MISSING");
answer json_answer(boost::json::object body);

// A page of a listing: at most maxResults (1..100) of what `keep` accepts, after the key in nextToken.
template <class Key>
struct listed_page {
  Key after{};
  std::size_t size = 100;

  template <class Map, class Keep, class Name>
  answer list(const Map& all, std::string_view member, Keep keep, Name name) const {
    boost::json::array names;
    Key last{};
    bool more = false;
    for (auto each = all.upper_bound(after); each != all.end() && !more; ++each) {
      if (!keep(*each->second)) continue;
      more = names.size() == size;
      if (more) break;
      names.emplace_back(name(*each->second));
      last = each->first;
    }
    boost::json::object body{{member, std::move(names)}};
    if (more) body.emplace("nextToken", "after/" + to_token(last));
    return json_answer(std::move(body));
  }

  static std::string to_token(const std::string& key) { return key; }
  static std::string to_token(std::uint64_t key) { return std::to_string(key); }
};
or_fault<listed_page<std::string>> page_by_name(const boost::json::object& asked);
or_fault<listed_page<std::uint64_t>> page_by_order(const boost::json::object& asked);

}  // namespace lifehook::simulator
