#include "simulator/ec2_listing.h"
#include "simulator/ec2_wire.h"

#include <fmt/format.h>

namespace lifehook::simulator {
namespace {

using texts = std::vector<std::string>;

constexpr std::array<ec2_field<ec2_instance>, 6> instance_fields{
    {{"instance-id", [](const ec2_instance& each) { return texts{each.id}; }},
     {"instance-state-name", [](const ec2_instance& each) { return texts{each.state}; }},
     {"image-id", [](const ec2_instance& each) { return texts{each.image}; }},
     {"instance-type", [](const ec2_instance& each) { return texts{each.type}; }},
     {"private-ip-address", [](const ec2_instance& each) { return texts{each.private_ip}; }},
     {"instance-lifecycle", [](const ec2_instance& each) { return each.spot ? texts{"spot"} : texts{}; }}}};

constexpr std::array<ec2_field<ec2_interface>, 4> interface_fields{
    {{"network-interface-id", [](const ec2_interface& each) { return texts{each.id}; }},
     {"subnet-id", [](const ec2_interface& each) { return texts{each.subnet}; }},
     {"group-id", [](const ec2_interface& each) { return each.groups; }},
     {"private-ip-address", [](const ec2_interface& each) { return texts{each.private_ip}; }}}};

int state_code(std::string_view state) {
  constexpr std::array<std::pair<std::string_view, int>, 6> codes{
      {{"pending", 0}, {"running", 16}, {"shutting-down", 32}, {"terminated", 48}, {"stopping", 64}, {"stopped", 80}}};
  return std::ranges::find(codes, state, &std::pair<std::string_view, int>::first)->second;
}

void write_instance(query_xml& to, const ec2_instance& each, const account& owner) {
  to.text("instanceId", each.id).text("imageId", each.image);
  write_state(to, "instanceState", each.state);
  to.text("privateDnsName", "").text("dnsName", "").text("reason", each.reason);
  to.text("instanceType", each.type).time("launchTime", each.launched);
  to.open("placement").text("availabilityZone", owner.region + "a").text("tenancy", "default").close("placement");
  to.open("monitoring").text("state", "disabled").close("monitoring");
  if (each.state != "terminated") to.text("privateIpAddress", each.private_ip);
  if (!each.reason_code.empty())
    to.open("stateReason")
        .text("code", each.reason_code.substr(0, each.reason_code.find(':')))
        .text("message", each.reason_code)
        .close("stateReason");
  to.text("architecture", "x86_64").text("rootDeviceType", "ebs").text("rootDeviceName", "/dev/xvda");
  to.text("virtualizationType", "hvm");
  if (each.spot) to.text("instanceLifecycle", "spot");
  write_tags(to, each.tags);
}

void write_reservation(query_xml& to, const std::vector<const ec2_instance*>& instances, const account& owner) {
  to.text("reservationId", instances.front()->reservation).text("ownerId", owner.id);
  to.open("groupSet").close("groupSet");
  to.items("instancesSet", instances,
           [&owner](query_xml& xml, const auto* each) { write_instance(xml, *each, owner); });
}

void write_interface(query_xml& to, const ec2_interface& each, const account& owner) {
  to.text("networkInterfaceId", each.id).text("subnetId", each.subnet).text("vpcId", "vpc-0123456789abcdef0");
  to.text("availabilityZone", owner.region + "a").text("ownerId", owner.id).text("status", "in-use");
  to.text("interfaceType", "interface").text("privateIpAddress", each.private_ip);
  to.items("groupSet", each.groups, [](query_xml& xml, const auto& group) { xml.text("groupId", group); });
  if (!each.public_ip.empty()) to.open("association").text("publicIp", each.public_ip).close("association");
  write_tags(to, each.tags);
}

or_fault<run_order> read_run(const query_parameters& asked) {
  run_order order;
  auto image = asked.required("ImageId");
  if (!image) return image.error();
  order.image = *std::move(image);
  if (!order.image.starts_with(image_kind.prefix)) return no_such(image_kind, order.image);
  for (const auto* name : {"MinCount", "MaxCount"})
    if (auto there = asked.required(name); !there) return there.error();
  const auto least = asked.number("MinCount"), most = asked.number("MaxCount");
  if (!least || !most || **least < 1 || **least > **most || **most > 1000)
    return fault{400, "InvalidParameterValue", "MinCount must be at least 1, and MaxCount between it and 1000"};
  order.count = **most;
  order.type = asked.text("InstanceType");
  constexpr std::array<std::string_view, 3> types{"instance", "volume", "network-interface"};
  auto tags = read_tag_specification(asked, "instance", types);
  if (!tags) return tags.error();
  order.tags = *std::move(tags);
  return order;
}

}  // namespace

void write_state(query_xml& to, std::string_view name, std::string_view state) {
  to.open(name).number("code", state_code(state)).text("name", state).close(name);
}

answered describe_instances(ec2_model& model, const query_parameters& asked) {
  std::map<std::string, const ec2_instance*, std::less<>> all;
  for (const auto& [id, each] : model.instances.all()) all.emplace(id, each.get());
  const auto page = read_listing(asked, "InstanceId", instance_kind, all, instance_fields);
  if (!page) return page.error();
  query_xml written;
  written.items("reservationSet", page->records, [&model](query_xml& to, const ec2_instance* each) {
    write_reservation(to, {each}, model.instances.owner());
  });
  return ec2_answer(std::move(written), page->next_token);
}

answered run_instances(ec2_model& model, const query_parameters& asked) {
  const auto order = read_run(asked);
  if (!order) return order.error();
  query_xml written;
  write_reservation(written, model.instances.run(*order), model.instances.owner());
  return ec2_answer(std::move(written));
}

answered terminate_instances(ec2_model& model, const query_parameters& asked) {
  const auto ids = asked.list("InstanceId");
  if (ids.empty()) return fault{400, "MissingParameter", "The request must contain the parameter InstanceId"};
  for (const auto& id : ids)
    if (!model.instances.find(id)) return no_such(instance_kind, id);
  query_xml written;
  written.items("instancesSet", ids, [&model](query_xml& to, const std::string& id) {
    const auto before = model.instances.find(id)->state;
    model.instances.terminate(id);
    to.text("instanceId", id);
    write_state(to, "currentState", model.instances.find(id)->state);
    write_state(to, "previousState", before);
  });
  return ec2_answer(std::move(written));
}

answered describe_network_interfaces(ec2_model& model, const query_parameters& asked) {
  std::map<std::string, const ec2_interface*, std::less<>> all;
  for (const auto& [id, each] : model.interfaces.all()) all.emplace(id, &each);
  const auto page = read_listing(asked, "NetworkInterfaceId", interface_kind, all, interface_fields);
  if (!page) return page.error();
  query_xml written;
  written.items("networkInterfaceSet", page->records, [&model](query_xml& to, const ec2_interface* each) {
    write_interface(to, *each, model.instances.owner());
  });
  return ec2_answer(std::move(written), page->next_token);
}

}  // namespace lifehook::simulator
