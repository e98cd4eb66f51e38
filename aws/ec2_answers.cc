#include "aws/ec2_answers.h"

#include "aws/fault.h"
#include "base/time_text.h"

#include <iterator>

namespace lifehook::aws {

namespace {

// EC2 sends the set of an empty listing too.
template <class T>
result<std::vector<T>> read_set(xml_element from, std::string_view name, result<T> (*read)(xml_element)) {
  if (!from.child(name)) return unreadable_answer("an answer", name);
  std::vector<T> found;
  for (const auto each : from.list(name)) {
    auto one = read(each);
    if (!one) return std::move(one).error();
    found.push_back(*std::move(one));
  }
  return found;
}

tag_map read_tags(xml_element from) {
  tag_map tags;
  for (const auto tag : from.list("tagSet")) tags.emplace(tag.text("key"), tag.text("value"));
  return tags;
}

result<ec2_instance> read_instance(xml_element from) {
  ec2_instance read{.id = std::string(from.text("instanceId")),
                    .state = std::string(from.child("instanceState").text("name")),
                    .tags = read_tags(from)};
  if (read.id.empty() || read.state.empty()) return unreadable_answer("an instance", "its id and state");
  return read;
}

result<std::vector<ec2_instance>> read_reservation(xml_element from) {
  return read_set(from, "instancesSet", read_instance);
}

std::vector<std::string> read_mapped_snapshots(xml_element image) {
  std::vector<std::string> ids;
  for (const auto device : image.list("blockDeviceMapping"))
    if (const auto id = device.child("ebs").text("snapshotId"); !id.empty()) ids.emplace_back(id);
  return ids;
}

// What is kept and what is deleted goes by an image's age: a guess would delete it, or never.
result<ec2_image> read_image(xml_element from) {
  const auto created = parse_rfc3339(from.text("creationDate"));
  ec2_image read{.id = std::string(from.text("imageId")),
                 .name = std::string(from.text("name")),
                 .state = std::string(from.text("imageState")),
                 .reason = std::string(from.child("stateReason").text("message")),
                 .created = created.value_or(time_point()),
                 .tags = read_tags(from),
                 .snapshots = read_mapped_snapshots(from)};
  if (read.id.empty() || read.state.empty()) return unreadable_answer("an image", "its id and state");
  if (!created) return unreadable_answer("an image", "its creationDate");
  return read;
}

result<std::string> read_snapshot(xml_element from) {
  std::string id(from.text("snapshotId"));
  if (id.empty()) return unreadable_answer("a snapshot", "its id");
  return id;
}

result<network_interface> read_interface(xml_element from) {
  network_interface read{.subnet = std::string(from.text("subnetId")),
                         .private_address = std::string(from.text("privateIpAddress")),
                         .security_groups = {},
                         .has_public_address = !from.child("association").text("publicIp").empty()};
  for (const auto group : from.list("groupSet")) read.security_groups.emplace_back(group.text("groupId"));
  if (read.subnet.empty()) return unreadable_answer("a network interface", "its subnet");
  return read;
}

bool is_completed(std::string_view description) {
  return description.starts_with("[Completed]") || description.starts_with("[Canceled]");
}

result<scheduled_event> read_scheduled_event(xml_element from) {
  const auto not_before = parse_rfc3339(from.text("notBefore"));
  if (!not_before && !from.text("notBefore").empty())
    return error{errc::unreachable, "a time that is none: notBefore", {}};
  scheduled_event read{.code = std::string(from.text("code")),
                       .completed = is_completed(from.text("description")),
                       .not_before = not_before};
  if (read.code.empty()) return unreadable_answer("a scheduled event", "its code");
  return read;
}

// Unlike other sets this one is left out when it would be empty.
result<std::vector<scheduled_event>> read_status(xml_element from) {
  if (from.text("instanceId").empty()) return unreadable_answer("an instance's status", "the instance's id");
  if (!from.child("eventsSet")) return std::vector<scheduled_event>();
  return read_set(from, "eventsSet", read_scheduled_event);
}

template <class T>
result<std::vector<T>> joined(result<std::vector<std::vector<T>>> sets) {
  if (!sets) return std::move(sets).error();
  std::vector<T> all;
  for (auto& each : *sets) std::move(each.begin(), each.end(), std::back_inserter(all));
  return all;
}

}  // namespace

result<std::vector<ec2_instance>> read_ec2_instances(xml_element page) {
  return joined(read_set(page, "reservationSet", read_reservation));
}

result<std::vector<ec2_image>> read_ec2_images(xml_element page) { return read_set(page, "imagesSet", read_image); }

result<std::vector<std::string>> read_ec2_snapshots(xml_element page) {
  return read_set(page, "snapshotSet", read_snapshot);
}

result<std::vector<network_interface>> read_ec2_interfaces(xml_element page) {
  return read_set(page, "networkInterfaceSet", read_interface);
}

result<std::vector<scheduled_event>> read_ec2_scheduled_events(xml_element page) {
  return joined(read_set(page, "instanceStatusSet", read_status));
}

}  // namespace lifehook::aws
