#include "simulator/ecs_wire.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t most_described = 100;
constexpr std::size_t most_protected = 10;         // by one call; it tells of a hundred
constexpr std::int64_t longest_protection = 2880;  // minutes

json::object missing_task(const ecs_model& model, const ecs_cluster& in, std::string_view reference) {
  return missing(model.owner().arn("ecs", "task/" + in.name + "/" + std::string(last_segment(reference))));
}

json::object write_protection(const ecs_task& each) {
  json::object told{{"taskArn", each.arn}, {"protectionEnabled", each.is_protected}};
  if (each.protected_until) told.emplace("expirationDate", epoch_seconds(*each.protected_until));
  return told;
}

// Calls `tell` for each task of a service that the body names; the others are failures.
template <class Tell>
answered protections(ecs_model& model, const json::object& asked, std::size_t most, Tell tell) {
  const auto in = cluster_of(model, asked);
  if (!in) return in.error();
  const auto references = texts_of(asked, "tasks");
  if (references.size() > most) return invalid_parameter(fmt::format("Tasks cannot have more than {} elements.", most));
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

json::object write_tagged_task(const ecs_model& model, const ecs_task& each) {
  auto told = write_task(model.owner(), each, task_form::api);
  const auto* tags = each.asked.if_contains("tags");
  told.emplace("tags", tags ? *tags : json::value(json::array()));
  return told;
}

answered stop_task(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  auto* each = model.task_by(**in, text_of(asked, "task"));
  if (!each) return invalid_parameter("The referenced task was not found.");
  const auto reason = text_of(asked, "reason");
  model.life().stop(*each, "UserInitiated", reason.empty() ? "Task stopped by user" : reason);
  each->asked.erase("tags");
  return json_answer({{"task", write_tagged_task(model, *each)}});
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
  const auto launch_type = text_of(asked, "launchType");
  const auto asked_status = text_of(asked, "desiredStatus");
  const auto status = asked_status.empty() ? "RUNNING" : asked_status;
  if (status != "RUNNING" && status != "STOPPED" && status != "PENDING")
    return invalid_parameter("Unknown desired status: " + status);

  const auto keep = [&](const ecs_task& each) {
    return each.desired_status == status && (family.empty() || each.definition.family == family) &&
           (started_by.empty() || each.started_by == started_by) &&
           (launch_type.empty() || (launch_type == "FARGATE") == each.on_fargate()) &&
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
      tasks.push_back(with_tags ? write_tagged_task(model, *each) : write_task(model.owner(), *each, task_form::api));
    } else {
      failures.push_back(missing_task(model, **in, reference));
    }
  }
  return json_answer({{"tasks", std::move(tasks)}, {"failures", std::move(failures)}});
}

answered update_task_protection(ecs_model& model, const json::object& asked) {
  const auto minutes = number_of(asked, "expiresInMinutes").value_or(120);
  if (minutes < 1 || minutes > longest_protection)
    return invalid_parameter("expiresInMinutes must be between 1 and 2880");
  const bool on = flag_of(asked, "protectionEnabled");
  return protections(model, asked, most_protected,
                     [&](ecs_task& each) { model.life().protect(each, on, std::chrono::minutes(minutes)); });
}

answered get_task_protection(ecs_model& model, const json::object& asked) {
  return protections(model, asked, most_described, [](ecs_task&) {});
}

}  // namespace lifehook::simulator
