#include "simulator/elbv2_wire.h"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>

namespace lifehook::simulator {
namespace {

struct told_health {
  target_name of;
  std::string state, reason;
};

// A target of that type cannot have such an id.
or_fault<> check_id(const target_group& group, const std::string& id) {
  if (group.with.target_type == "instance") {
    if (id.starts_with("i-")) return {};
    return elbv2_invalid(fmt::format("Instance ID '{}' is not valid", id));
  }
  boost::system::error_code failed;
  asio::ip::make_address(id, failed);
  if (failed) return elbv2_invalid(fmt::format("The IP address '{}' is not a valid IPv4 or IPv6 address", id));
  return {};
}

or_fault<std::vector<target_name>> read_targets(const target_group& group, const query_parameters& asked) {
  std::vector<target_name> targets;
  for (const auto& each : asked.structures("Targets")) {
    const auto id = asked.required(each + "Id");
    if (!id) return id.error();
    const auto port = asked.number(each + "Port");
    if (!port) return port.error();
    targets.push_back({*id, port->value_or(group.with.port)});
  }
  return targets;
}

std::string_view described(std::string_view reason) {
  if (reason == "Target.DeregistrationInProgress") return "Target deregistration is in progress";
  if (reason == "Elb.RegistrationInProgress") return "Target registration is in progress";
  if (reason == "Target.NotRegistered") return "Target is not registered to the target group";
  if (reason == "Target.FailedHealthChecks") return "Health checks failed";
  return "";
}

void write_health(query_xml& to, const told_health& each) {
  to.open("Target").text("Id", each.of.id).number("Port", each.of.port).close("Target");
  to.number("HealthCheckPort", each.of.port).open("TargetHealth").text("State", each.state);
  if (!each.reason.empty()) to.text("Reason", each.reason);
  if (const auto words = described(each.reason); !words.empty()) to.text("Description", words);
  to.close("TargetHealth");
}

std::vector<told_health> health_of(const target_group& group, const std::vector<target_name>& asked) {
  std::vector<told_health> told;
  if (asked.empty())
    for (const auto& [name, each] : group.targets) told.push_back({name, each.state, each.reason});
  for (const auto& name : asked) {
    const auto found = group.targets.find(name);
    if (found == group.targets.end())
      told.push_back({name, "unused", "Target.NotRegistered"});
    else
      told.push_back({name, found->second.state, found->second.reason});
  }
  return told;
}

or_fault<std::pair<target_group*, std::vector<target_name>>> read_change(elbv2_model& model,
                                                                         const query_parameters& asked) {
  const auto group = target_group_asked(model, asked);
  if (!group) return group.error();
  auto targets = read_targets(**group, asked);
  if (!targets) return targets.error();
  if (targets->empty()) return elbv2_invalid("At least one target must be specified");
  return std::pair(*group, *std::move(targets));
}

}  // namespace

answered register_targets(elbv2_model& model, const query_parameters& asked) {
  const auto change = read_change(model, asked);
  if (!change) return change.error();
  for (const auto& each : change->second)
    if (auto possible = check_id(*change->first, each.id); !possible) return possible.error();
  for (const auto& each : change->second) model.enter(*change->first, each);
  return answer{};
}

answered deregister_targets(elbv2_model& model, const query_parameters& asked) {
  const auto change = read_change(model, asked);
  if (!change) return change.error();
  for (const auto& each : change->second) model.leave(*change->first, each, true);
  return answer{};
}

answered describe_target_health(elbv2_model& model, const query_parameters& asked) {
  const auto group = target_group_asked(model, asked);
  if (!group) return group.error();
  const auto targets = read_targets(**group, asked);
  if (!targets) return targets.error();
  query_xml written;
  written.list("TargetHealthDescriptions", health_of(**group, *targets), write_health);
  return answer{nullptr, std::move(written).take()};
}

}  // namespace lifehook::simulator
