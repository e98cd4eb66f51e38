#include "simulator/ecs_definitions.h"

#include "base/number.h"
#include "simulator/json_body.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

fault refused(std::string message) { return {400, "ClientException", std::move(message)}; }

or_fault<container_definition> read_container(json::object& told) {
  container_definition made;
  made.name = text_of(told, "name");
  made.image = text_of(told, "image");
  if (made.name.empty()) return refused("Container.name should not be null or empty.");
  if (made.image.empty()) return refused("Container.image should not be null or empty.");
  if (!told.contains("essential")) told.emplace("essential", true);
  made.essential = flag_of(told, "essential");
  if (const auto seconds = number_of(told, "stopTimeout")) made.stop_timeout = std::chrono::seconds(*seconds);
  return made;
}

or_fault<std::vector<container_definition>> read_containers(json::object& told) {
  auto* written = told.if_contains("containerDefinitions");
  if (!written || !written->is_array() || written->get_array().empty())
    return refused("Container list cannot be empty.");
  std::vector<container_definition> all;
  for (auto& each : written->get_array()) {
    if (!each.is_object()) return refused("Container list cannot be empty.");
    auto made = read_container(each.get_object());
    if (!made) return made.error();
    all.push_back(*std::move(made));
  }
  if (std::ranges::none_of(all, &container_definition::essential))
    return refused("At least one container must be marked essential.");
  return all;
}

bool asks_for_fargate(const json::object& told) {
  const auto wanted = texts_of(told, "requiresCompatibilities");
  return std::ranges::find(wanted, "FARGATE") != wanted.end();
}

json::object plain(std::string_view family) {
  json::object container{{"name", "app"}, {"image", fmt::format("{}:1", family)}, {"essential", true}};
  return {{"family", family},
          {"networkMode", "awsvpc"},
          {"cpu", "256"},
          {"memory", "512"},
          {"requiresCompatibilities", json::array{"EC2", "FARGATE"}},
          {"containerDefinitions", json::array{std::move(container)}}};
}

}  // namespace

bool runs_on_fargate(const task_definition& each) {
  const auto& told = each.told;
  return text_of(told, "networkMode") == "awsvpc" && told.contains("cpu") && told.contains("memory");
}

or_fault<const task_definition*> task_definitions::add(const json::object& asked) {
  task_definition made;
  made.family = text_of(asked, "family");
  if (made.family.empty()) return refused("Family should not be null or empty.");
  made.told = asked;
  made.told.erase("tags");
  auto containers = read_containers(made.told);
  if (!containers) return containers.error();
  made.containers = *std::move(containers);
  if (asks_for_fargate(made.told) && !runs_on_fargate(made))
    return refused("Fargate requires task definition to have networkMode awsvpc, and execution cpu and memory.");
  auto& revisions = revisions_[made.family];
  const auto revision = revisions.size() + 1;
  made.arn = owner_.arn("ecs", fmt::format("task-definition/{}:{}", made.family, revision));
  made.told["taskDefinitionArn"] = made.arn;
  made.told["revision"] = revision;
  made.told["status"] = "ACTIVE";
  made.told["compatibilities"] = runs_on_fargate(made) ? json::array{"EC2", "FARGATE"} : json::array{"EC2"};
  revisions.push_back(std::move(made));
  return &revisions.back();
}

const task_definition& task_definitions::known_or_plain(std::string_view family) {
  const auto* known = find(family);
  return known ? *known : **add(plain(family));
}

const task_definition* task_definitions::find(std::string_view reference) const {
  const auto name = reference.substr(reference.rfind('/') + 1);
  const auto colon = name.find(':');
  const auto family = revisions_.find(name.substr(0, colon));
  if (family == revisions_.end()) return nullptr;
  if (colon == std::string_view::npos) return &family->second.back();
  const auto revision = parse_number<std::size_t>(name.substr(colon + 1)).value_or(0);
  return revision < 1 || revision > family->second.size() ? nullptr : &family->second[revision - 1];
}

}  // namespace lifehook::simulator
