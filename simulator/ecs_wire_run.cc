#include "simulator/ecs_wire.h"

#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t most_started = 10;
constexpr std::size_t longest_starter = 128;
constexpr std::size_t longest_token = 64;

// Of RunTask, all tasks of a call alike.
struct placement {
  bool on_fargate = false;
  std::string capacity_provider;
};

or_fault<> check_overrides(const json::object& asked, const task_definition& runs) {
  const auto overrides = object_of(asked, "overrides");
  const auto* containers = overrides.if_contains("containerOverrides");
  if (!containers || !containers->is_array()) return {};
  for (const auto& each : containers->get_array()) {
    const auto name = each.is_object() ? text_of(each.get_object(), "name") : std::string();
    if (std::ranges::find(runs.containers, name, &container_definition::name) == runs.containers.end())
      return invalid_parameter("Override for container named " + name + " is not a container in the TaskDefinition.");
  }
  return {};
}

or_fault<run_request> read_run(ecs_model& model, const json::object& asked) {
  const auto definition = model.definition(text_of(asked, "taskDefinition"));
  if (!definition) return definition.error();
  if (auto fit = check_overrides(asked, **definition); !fit) return fit.error();
  run_request wanted{.definition = *definition};
  wanted.group = text_of(asked, "group");
  wanted.started_by = text_of(asked, "startedBy");
  wanted.platform_version = text_of(asked, "platformVersion");
  wanted.network = network_in(asked);
  if (wanted.started_by.size() > longest_starter)
    return invalid_parameter("startedBy must be at most 128 characters long.");
  for (const auto* kept : {"overrides", "tags", "enableExecuteCommand"})
    if (const auto* value = asked.if_contains(kept)) wanted.asked.emplace(kept, *value);
  return wanted;
}

or_fault<placement> placement_in(const ecs_cluster& in, const json::object& asked) {
  const auto launch_type = text_of(asked, "launchType");
  const auto provider = provider_in(in, asked);
  if (!provider) return provider.error();
  if (!launch_type.empty() && launch_type != "EC2" && launch_type != "FARGATE")
    return invalid_parameter("launchType " + launch_type + " is not simulated.");
  return placement{launch_type == "FARGATE" || is_fargate(*provider), *provider};
}

or_fault<> check_placement(const ecs_cluster& in, const placement& where, const run_request& wanted) {
  if (!where.on_fargate) {
    if (in.registered.empty()) return invalid_parameter("No Container Instances were found in your cluster.");
    return {};
  }
  if (!runs_on_fargate(*wanted.definition))
    return invalid_parameter("Task definition does not support launch_type FARGATE.");
  if (!wanted.network)
    return invalid_parameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  return {};
}

// The task; none when there is no room.
ecs_task* place(ecs_model& model, ecs_cluster& in, const placement& where, const run_request& wanted) {
  if (where.on_fargate) {
    const bool room = model.fargate().take(where.capacity_provider.empty() ? on_demand : where.capacity_provider);
    return room ? &model.run_on_fargate(in, wanted) : nullptr;
  }
  return in.placeable.empty() ? nullptr : &model.run_on(*in.placeable.begin()->second, wanted);
}

answer started(json::array tasks, json::array failures) {
  return json_answer({{"tasks", std::move(tasks)}, {"failures", std::move(failures)}});
}

json::array write_tasks(ecs_model& model, ecs_cluster& in, const std::vector<std::string>& ids) {
  json::array told;
  for (const auto& id : ids)
    if (const auto* each = model.task_by(in, id)) told.push_back(write_tagged_task(model, *each));
  return told;
}

fault conflict(ecs_model& model, ecs_cluster& in, const std::vector<std::string>& ids) {
  json::array arns;
  for (const auto& id : ids) arns.emplace_back(model.owner().arn("ecs", "task/" + in.name + "/" + id));
  return {
      400,
      "ConflictException",
      "The RunTask request could not be processed due to conflicts. The provided clientToken is already in use with "
      "a different RunTask request. The resourceIds are the existing task ARNs which are already associated with the "
      "clientToken.",
      {{"resourceIds", std::move(arns)}}};
}

struct token_in {
  std::string name;    // with its cluster; empty: none was given
  json::object asked;  // what must be the same whenever it comes
};

or_fault<token_in> read_token(const ecs_cluster& in, const json::object& asked) {
  const auto given = text_of(asked, "clientToken");
  if (given.size() > longest_token) return invalid_parameter("clientToken must be at most 64 characters long.");
  token_in token{given.empty() ? "" : in.name + '\n' + given, asked};
  token.asked.erase("clientToken");
  return token;
}

}  // namespace

answered run_task(ecs_model& model, const json::object& asked) {
  const auto in = active_cluster_of(model, asked);
  if (!in) return in.error();
  const auto token = read_token(**in, asked);
  if (!token) return token.error();
  auto wanted = read_run(model, asked);
  if (!wanted) return wanted.error();
  const auto where = placement_in(**in, asked);
  if (!where) return where.error();
  const auto count = number_of(asked, "count").value_or(1);
  if (count < 1 || count > 10) return invalid_parameter("Count must be between 1 and 10.");
  if (auto fit = check_placement(**in, *where, *wanted); !fit) return fit.error();
  if (const auto* used = model.token_in_use(token->name)) {
    if (used->asked != token->asked) return conflict(model, **in, used->tasks);
    return started(write_tasks(model, **in, used->tasks), {});
  }

  wanted->capacity_provider = where->capacity_provider;
  std::vector<std::string> begun;
  json::array failures;
  for (std::int64_t i = 0; i < count; ++i) {
    if (const auto* each = place(model, **in, *where, *wanted)) {
      begun.push_back(each->id);
    } else {
      failures.push_back(json::object{{"reason", where->on_fargate ? no_capacity : "RESOURCE:MEMORY"}});
    }
  }
  if (!token->name.empty() && !begun.empty()) model.use_token(token->name, {token->asked, begun, model.now()});
  return started(write_tasks(model, **in, begun), std::move(failures));
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
      tasks.push_back(write_tagged_task(model, model.run_on(*on, *wanted)));
    }
  }
  return started(std::move(tasks), std::move(failures));
}

}  // namespace lifehook::simulator
