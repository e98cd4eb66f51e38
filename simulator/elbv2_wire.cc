#include "simulator/elbv2_wire.h"

#include <fmt/format.h>

#include <algorithm>

namespace lifehook::simulator {
namespace {

constexpr auto delay_key = "deregistration_delay.timeout_seconds";

void write_group(query_xml& to, const target_group& each, const account& owner) {
  to.text("TargetGroupArn", each.arn).text("TargetGroupName", each.with.name).text("Protocol", "HTTP");
  to.number("Port", each.with.port).text("VpcId", "vpc-0123456789abcdef0").text("TargetType", each.with.target_type);
  to.text("HealthCheckProtocol", "HTTP").text("HealthCheckPort", "traffic-port").flag("HealthCheckEnabled", true);
  to.texts("LoadBalancerArns",
           std::vector{owner.arn("elasticloadbalancing", "loadbalancer/app/simulated/0123456789abcdef")});
}

void write_attributes(query_xml& to, const target_group& of) {
  to.open("Attributes").open("member").text("Key", delay_key);
  to.number("Value", of.with.deregistration_delay.count()).close("member").close("Attributes");
}

or_fault<target_group_settings> read_group(const query_parameters& asked) {
  target_group_settings with;
  const auto name = asked.required("Name");
  if (!name) return name.error();
  with.name = *name;
  with.target_type = asked.given("TargetType").value_or(with.target_type);
  if (with.name.size() > 32)
    return elbv2_invalid(fmt::format("Target group name '{}' cannot be longer than '32' characters", with.name));
  if (with.target_type != "instance" && with.target_type != "ip")
    return elbv2_invalid(fmt::format("Target type '{}' is not simulated", with.target_type));
  const auto port = asked.number("Port");
  if (!port) return port.error();
  with.port = port->value_or(with.port);
  return with;
}

bool is_asked(const target_group& each, const std::vector<std::string>& arns, const std::vector<std::string>& names) {
  return (arns.empty() && names.empty()) || std::ranges::count(arns, each.arn) > 0 ||
         std::ranges::count(names, each.with.name) > 0;
}

}  // namespace

const std::vector<elbv2_action>& elbv2_actions() {
  static const std::vector<elbv2_action> all = {
      {"CreateTargetGroup", create_target_group},
      {"DeleteTargetGroup", delete_target_group},
      {"DescribeTargetGroups", describe_target_groups},
      {"ModifyTargetGroupAttributes", modify_target_group_attributes},
      {"DescribeTargetGroupAttributes", describe_target_group_attributes},
      {"RegisterTargets", register_targets},
      {"DeregisterTargets", deregister_targets},
      {"DescribeTargetHealth", describe_target_health},
  };
  return all;
}

fault elbv2_invalid(std::string message) { return {400, "ValidationError", std::move(message)}; }

fault no_such_target_group() { return {400, "TargetGroupNotFound", "One or more target groups not found"}; }

or_fault<target_group*> target_group_asked(elbv2_model& model, const query_parameters& asked) {
  const auto arn = asked.required("TargetGroupArn");
  if (!arn) return arn.error();
  if (arn->find(":targetgroup/") == std::string::npos)
    return elbv2_invalid(fmt::format("'{}' is not a valid target group ARN", *arn));
  auto* found = model.find(*arn);
  if (!found) return no_such_target_group();
  return found;
}

answered create_target_group(elbv2_model& model, const query_parameters& asked) {
  auto with = read_group(asked);
  if (!with) return with.error();
  const auto* known = model.named(with->name);
  if (known && (known->with.port != with->port || known->with.target_type != with->target_type))
    return fault{400, "DuplicateTargetGroupName",
                 fmt::format("A target group with the same name '{}' exists, but with different settings", with->name)};
  const auto& made = known ? *known : model.create(*std::move(with));
  query_xml written;
  written.list("TargetGroups", std::vector{&made},
               [&model](query_xml& to, const auto* each) { write_group(to, *each, model.owner()); });
  return answer{nullptr, std::move(written).take()};
}

answered delete_target_group(elbv2_model& model, const query_parameters& asked) {
  const auto arn = asked.required("TargetGroupArn");
  if (!arn) return arn.error();
  model.remove(*arn);
  return answer{};
}

answered describe_target_groups(elbv2_model& model, const query_parameters& asked) {
  const auto page = read_page(asked, 400, 400, {"PageSize", "Marker"});
  if (!page) return page.error();
  const auto arns = asked.list("TargetGroupArns");
  const auto names = asked.list("Names");
  for (const auto& arn : arns)
    if (!model.find(arn)) return no_such_target_group();
  for (const auto& name : names)
    if (!model.named(name)) return no_such_target_group();
  std::vector<const target_group*> found;
  for (const auto& [arn, each] : model.all())
    if (arn > page->after && is_asked(each, arns, names)) found.push_back(&each);
  const bool more = found.size() > page->size;
  if (more) found.resize(page->size);
  query_xml written;
  written.list("TargetGroups", found,
               [&model](query_xml& to, const auto* each) { write_group(to, *each, model.owner()); });
  if (more) written.text("NextMarker", next_token(found.back()->arn));
  return answer{nullptr, std::move(written).take()};
}

answered modify_target_group_attributes(elbv2_model& model, const query_parameters& asked) {
  const auto group = target_group_asked(model, asked);
  if (!group) return group.error();
  for (const auto& each : asked.structures("Attributes")) {
    const auto key = asked.text(each + "Key");
    if (key != delay_key) return elbv2_invalid(fmt::format("Target group attribute key '{}' is not recognized", key));
    const auto seconds = asked.number(each + "Value");
    if (!seconds || !*seconds || **seconds < 0 || **seconds > 3600)
      return elbv2_invalid("'deregistration_delay.timeout_seconds' must be between 0 and 3600 inclusive");
    (*group)->with.deregistration_delay = std::chrono::seconds(**seconds);
  }
  query_xml written;
  write_attributes(written, **group);
  return answer{nullptr, std::move(written).take()};
}

answered describe_target_group_attributes(elbv2_model& model, const query_parameters& asked) {
  const auto group = target_group_asked(model, asked);
  if (!group) return group.error();
  query_xml written;
  write_attributes(written, **group);
  return answer{nullptr, std::move(written).take()};
}

}  // namespace lifehook::simulator
