#include "tests/simulator/fleet_scene.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>

#include <fstream>
#include <iterator>

namespace lifehook::simulator {

fleet_scene::fleet_scene() = default;
fleet_scene::~fleet_scene() = default;

answered fleet_scene::call(service& on, request asked) {
  std::optional<answered> got;
  asio::co_spawn(io, on.handle(std::move(asked)), [&got](std::exception_ptr thrown, answered outcome) {
    if (thrown) std::rethrow_exception(thrown);
    got = std::move(outcome);
  });
  io.restart();
  io.poll();
  return got.value();
}

answered fleet_scene::query(std::string action, std::map<std::string, std::string> parameters) {
  return call(*scaling, {"autoscaling", std::move(action), {}, std::move(parameters)});
}

answered fleet_scene::ec2_query(std::string action, std::map<std::string, std::string> parameters) {
  return call(*machines, {"ec2", std::move(action), {}, std::move(parameters)});
}

answered fleet_scene::elb_query(std::string action, std::map<std::string, std::string> parameters) {
  return call(*balancers, {"elasticloadbalancing", std::move(action), {}, std::move(parameters)});
}

answered fleet_scene::ecs_call(std::string action, std::string_view body) {
  return call(*containers, {"ecs", std::move(action), boost::json::parse(body).as_object(), {}});
}

boost::json::object fleet_scene::ecs_ask(std::string action, std::string_view body) {
  return ecs_call(std::move(action), body).value().json.as_object();
}

boost::json::object fleet_scene::body_of(std::string_view queue, std::size_t which) {
  return boost::json::parse(queues->bodies(queue).at(which)).as_object();
}

boost::json::object sample(std::string_view name) {
  std::ifstream file(std::string(LIFEHOOK_SOURCE "/tests/data/messages/").append(name).append(".json"));
  return boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {})).as_object();
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string element(std::string_view xml, std::string_view name) {
  const auto open = "<" + std::string(name) + ">";
  const auto begin = xml.find(open);
  if (begin == std::string_view::npos) return "";
  const auto from = begin + open.size();
  return std::string(xml.substr(from, xml.find("</" + std::string(name), from) - from));
}

}  // namespace lifehook::simulator
