#include "simulator/ecs_wire.h"

#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t most_described = 100;
constexpr std::size_t most_started = 10;
constexpr std::int64_t longest_protection = 2880;  // minutes

json::array write_containers(const ecs_task& each) {
  json::object container{
      {"containerArn", each.arn + "/app"}, {"taskArn", each.arn}, {"name", "app"}, {"lastStatus", each.last_status}};
  if (each.stopped && each.started) container.emplace("exitCode", each.lost ? 137 : 143);
  return json::array{std::move(container)};
}

json::object write_task(const ecs_task& each, bool with_tags) {
  json::object told{{"taskArn", each.arn},
                    {"clusterArn", each.cluster.arn},
                    {"taskDefinitionArn", each.definition},
                    {"containerInstanceArn", each.instance.arn},
                    {"overrides", object_of(each.asked, "overrides")},
                    {"lastStatus", each.last_status},
                    {"desiredStatus", each.desired_status},
                    {"group", each.group},
                    {"launchType", "EC2"},
                    {"version", each.version},
                    {"connectivity", each.instance.connected ? "CONNECTED" : "DISCONNECTED"},
                    {"containers", write_containers(each)},
                    {"attachments", json::array()},
                    {"attributes", json::array()},
                    {"createdAt", epoch_seconds(each.created)}};
  if (!each.started_by.empty()) told.emplace("startedBy", each.started_by);
  if (each.started) told.emplace("startedAt", epoch_seconds(*each.started));
  if (each.stopping) told.emplace("stoppingAt", epoch_seconds(*each.stopping));
  if (each.stopped) told.emplace("stoppedAt", epoch_seconds(*each.stopped));
  if (!each.stop_code.empty()) told.emplace("stopCode", each.stop_code);
  if (!each.stopped_reason.empty()) told.emplace("stoppedReason", each.stopped_reason);
  const auto* tags = each.asked.if_contains("tags");
  if (with_tags) told.emplace("tags", tags ? *tags : json::value(json::array()));
  return told;
}

or_fault<run_request> read_run(ecs_model& model, const json::object& asked) {
  auto definition = model.definition(text_of(asked, "taskDefinition"));
  if (!definition) return definition.error();
  run_request wanted{*std::move(definition), text_of(asked, "group"), text_of(asked, "startedBy"), {}};
  for (const auto* kept : {"overrides", "tags"})
    if (const auto* value = asked.if_contains(kept)) wanted.asked.emplace(kept, *value);
  return wanted;
}

json::object missing_task(const ecs_model& model, const ecs_cluster& in, std::string_view reference) {
  return missing(model.owner().arn("ecs", "task/" + in.name + "/" + std::string(last_segment(reference))));
}

answer started(json::array tasks, json::array failures) {
  return json_answer({{"tasks", std::move(tasks)}, {"failures", std::move(failures)}});
}

json::object write_protection(const ecs_task& each) {
  json::object told{{"taskArn", each.arn}, {"protectionEnabled", each.is_protected}};
  if (each.protected_until) told.emplace("expirationDate", epoch_seconds(*each.protected_until));
  return told;
}

// Calls `tell` for each task of a service that the body names; the others are failures.
template <class Tell>
answered protections(ecs_model& model, const json::object& asked, Tell tell) {
  const auto in = cluster_of(model, asked);
  if (!in) return in.error();
  const auto references = texts_of(asked, "tasks");
  if (references.size() > most_started) return invalid_parameter("Tasks cannot have more than 10 elements.");
  json::array told;
  json::array failures;
  for (const auto& reference : references) {
    auto* each = model.task_by(**in, reference);
    if (!each || !each->alive()) {
      failures.push_back(missing_task(model, **in, reference));
    } else if (!each->service) {
      failures.push_back(missing(each->arn, "TASK_NOT_VALID"));
    } else {
      tell(*each);
      told.push_back(write_protection(*each));
    }
  }
  return json_answer({{"protectedTasks", std::move(told)}, {"failures", std::move(failures)}});
}

}  // namespace

answered run_task(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  const auto wanted = read_run(model, asked);
  if (!wanted) return wanted.error();
  const auto count = number_of(asked, "count").value_or(1);
  if (count < 1 || count > 10) return invalid_parameter("Count must be between 1 and 10.");
  if ((*in)->registered.empty()) return invalid_parameter("No Container Instances were found in your cluster.");

  const auto token = text_of(asked, "clientToken");
  std::vector<std::string> unnamed;
  auto& begun = token.empty() ? unnamed : model.client_tokens()[(*in)->name + '\n' + token];
  json::array failures;
  const bool again = !begun.empty();
  for (std::int64_t i = 0; i < count && !again; ++i) {
    if ((*in)->placeable.empty()) {
      failures.push_back(json::object{{"reason", "RESOURCE:MEMORY"}});
      continue;
    }
    begun.push_back(model.run_on(*(*in)->placeable.begin()->second, *wanted).id);
  }
  json::array tasks;
  for (const auto& id : begun)
    if (const auto* each = model.task_by(**in, id)) tasks.push_back(write_task(*each, true));
  return started(std::move(tasks), std::move(failures));
}

answered start_task(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  const auto wanted = read_run(model, asked);
  if (!wanted) return wanted.error();
  const auto references = texts_of(asked, "containerInstances");
  if (references.empty() || references.size() > most_started)
    return invalid_parameter("Between 1 and 10 container instances are needed.");
  json::array tasks;
  json::array failures;
  for (const auto& reference : references) {
    auto* on = model.instance(**in, reference);
    if (!on || on->status == "INACTIVE") {
      failures.push_back(missing(reference));
    } else if (!on->connected) {
      failures.push_back(missing(on->arn, "AGENT"));
    } else {
      tasks.push_back(write_task(model.run_on(*on, *wanted), true));
    }
  }
  return started(std::move(tasks), std::move(failures));
}

answered stop_task(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  auto* each = model.task_by(**in, text_of(asked, "task"));
  if (!each) return invalid_parameter("The referenced task was not found.");
  const auto reason = text_of(asked, "reason");
  model.life().stop(*each, "UserInitiated", reason.empty() ? "Task stopped by user" : reason);
  return json_answer({{"task", write_task(*each, true)}});
}

answered list_tasks(ecs_model& model, const json::object& asked) {
  const auto in = cluster_of(model, asked);
  if (!in) return in.error();
  const auto page = page_by_order(asked);
  if (!page) return page.error();
  const auto service = text_of(asked, "serviceName");
  if (!service.empty() && !model.service(**in, service))
    return fault{400, "ServiceNotFoundException", "Service not found."};
  const auto family = text_of(asked, "family");
  const auto started_by = text_of(asked, "startedBy");
  const auto asked_status = text_of(asked, "desiredStatus");
  const auto status = asked_status.empty() ? "RUNNING" : asked_status;
  if (status != "RUNNING" && status != "STOPPED" && status != "PENDING")
    return invalid_parameter("Unknown desired status: " + status);

  const auto keep = [&](const ecs_task& each) {
    return each.desired_status == status && (family.empty() || each.family == family) &&
           (started_by.empty() || each.started_by == started_by) &&
           (service.empty() || (each.service && each.service->with.name == last_segment(service)));
  };
  const auto name = [](const ecs_task& each) { return each.arn; };
  const auto reference = text_of(asked, "containerInstance");
  if (reference.empty()) return page->list((*in)->tasks, "taskArns", keep, name);
  const auto* on = model.instance(**in, reference);
  if (!on) return invalid_parameter("Referenced container instance " + reference + " not found.");
  return page->list(on->tasks, "taskArns", keep, name);
}

answered describe_tasks(ecs_model& model, const json::object& asked) {
  const auto in = cluster_of(model, asked);
  if (!in) return in.error();
  const auto references = texts_of(asked, "tasks");
  if (references.empty()) return invalid_parameter("Tasks cannot be empty.");
  if (references.size() > most_described) return invalid_parameter("Tasks cannot have more than 100 elements.");
  const auto include = texts_of(asked, "include");
  const bool with_tags = std::find(include.begin(), include.end(), "TAGS") != include.end();
  json::array tasks;
  json::array failures;
  for (const auto& reference : references) {
    if (const auto* each = model.task_by(**in, reference)) {
      tasks.push_back(write_task(*each, with_tags));
    } else {
      failures.push_back(missing_task(model, **in, reference));
    }
  }
  return started(std::move(tasks), std::move(failures));
}

answered update_task_protection(ecs_model& model, const json::object& asked) {
  const auto minutes = number_of(asked, "expiresInMinutes").value_or(120);
  if (minutes < 1 || minutes > longest_protection)
    return invalid_parameter("expiresInMinutes must be between 1 and 2880");
  const bool on = flag_of(asked, "protectionEnabled");
  return protections(model, asked,
                     [&](ecs_task& each) { model.life().protect(each, on, std::chrono::minutes(minutes)); });
}

answered get_task_protection(ecs_model& model, const json::object& asked) {
  return protections(model, asked, [](ecs_task&) {});
}

}  // namespace lifehook::simulator
