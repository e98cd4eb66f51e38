#include "simulator/ecs_wire.h"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t most_described = 100;
constexpr std::size_t most_updated = 10;
constexpr int slots_over_the_wire = 10;

json::object write_instance(const ecs_instance& each) {
  return {{"containerInstanceArn", each.arn},
          {"ec2InstanceId", each.ec2_id},
          {"version", each.version},
          {"versionInfo", {{"agentVersion", "1.89.2"}, {"dockerVersion", "DockerVersion: 25.0.6"}}},
          {"remainingResources", json::array()},
          {"registeredResources", json::array()},
          {"status", each.status},
          {"agentConnected", each.connected},
          {"runningTasksCount", each.running},
          {"pendingTasksCount", each.pending},
          {"attributes", json::array()},
          {"registeredAt", epoch_seconds(each.registered)},
          {"attachments", json::array()},
          {"tags", json::array()}};
}

// What DescribeContainerInstances and UpdateContainerInstancesState say of one reference.
struct instance_listing {
  json::array found, failures;
  answer take() && {
    return json_answer({{"containerInstances", std::move(found)}, {"failures", std::move(failures)}});
  }
};

json::object missing_instance(const ecs_model& model, const ecs_cluster& in, std::string_view reference) {
  const auto id = std::string(last_segment(reference));
  return missing(model.owner().arn("ecs", "container-instance/" + in.name + "/" + id));
}

}  // namespace

answered register_container_instance(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  boost::system::error_code unreadable;
  const auto document = json::parse(text_of(asked, "instanceIdentityDocument"), unreadable);
  auto id = document.is_object() ? text_of(document.get_object(), "instanceId") : std::string();
  if (id.empty())
    return fault{400, "ClientException", "Instance identity document is not readable or names no instanceId."};
  auto* known = model.instance_of(id);
  const bool again = known && known->status != "INACTIVE" && &known->cluster == *in;
  auto& each = again ? *known : model.register_instance(**in, std::move(id), slots_over_the_wire);
  return json_answer({{"containerInstance", write_instance(each)}});
}

answered deregister_container_instance(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  auto* each = model.instance(**in, text_of(asked, "containerInstance"));
  if (!each || each->status == "INACTIVE")
    return invalid_parameter("Referenced container instance " + text_of(asked, "containerInstance") + " not found.");
  if (auto done = model.deregister(*each, flag_of(asked, "force")); !done) return done.error();
  return json_answer({{"containerInstance", write_instance(*each)}});
}

answered list_container_instances(ecs_model& model, const json::object& asked) {
  const auto in = cluster_of(model, asked);
  if (!in) return in.error();
  const auto page = page_by_name(asked);
  if (!page) return page.error();
  const auto filter = instance_filter::parse(text_of(asked, "filter"));
  if (!filter) return filter.error();
  const auto status = text_of(asked, "status");
  static const std::set<std::string, std::less<>> known = {
      "", "ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED"};
  if (!known.contains(status)) return invalid_parameter("Unknown container instance status: " + status);

  const auto keep = [&](const ecs_instance& each) {
    return (status.empty() || each.status == status) && filter->accepts(each);
  };
  const auto name = [](const ecs_instance& each) { return each.arn; };
  const auto* ids = filter->only_ec2_ids();
  if (!ids) return page->list((*in)->registered, "containerInstanceArns", keep, name);
  std::map<std::string, const ecs_instance*> candidates;
  for (const auto& id : *ids) {
    const auto* each = model.instance_of(id);
    if (each && each->status != "INACTIVE" && &each->cluster == *in) candidates.emplace(each->id, each);
  }
  return page->list(candidates, "containerInstanceArns", keep, name);
}

answered describe_container_instances(ecs_model& model, const json::object& asked) {
  const auto in = cluster_of(model, asked);
  if (!in) return in.error();
  const auto references = texts_of(asked, "containerInstances");
  if (references.empty()) return invalid_parameter("Container instances cannot be empty.");
  if (references.size() > most_described)
    return invalid_parameter("Container instances cannot have more than 100 elements.");
  instance_listing told;
  for (const auto& reference : references) {
    if (const auto* each = model.instance(**in, reference)) {
      told.found.push_back(write_instance(*each));
    } else {
      told.failures.push_back(missing_instance(model, **in, reference));
    }
  }
  return std::move(told).take();
}

answered update_container_instances_state(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  const auto references = texts_of(asked, "containerInstances");
  const auto status = text_of(asked, "status");
  if (references.empty()) return invalid_parameter("Container instances cannot be empty.");
  if (references.size() > most_updated)
    return invalid_parameter("Container instances cannot have more than 10 elements.");
  if (status != "ACTIVE" && status != "DRAINING")
    return invalid_parameter("Container instance status should be one of [ACTIVE, DRAINING]");
  instance_listing told;
  for (const auto& reference : references) {
    auto* each = model.instance(**in, reference);
    if (!each) {
      told.failures.push_back(missing_instance(model, **in, reference));
    } else if (each->status != "ACTIVE" && each->status != "DRAINING") {
      told.failures.push_back(missing(each->arn, "INACTIVE"));
    } else {
      model.set_status(*each, status);
      told.found.push_back(write_instance(*each));
    }
  }
  return std::move(told).take();
}

}  // namespace lifehook::simulator
