#include "simulator/ec2_wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lifehook::simulator {
namespace {

constexpr auto most_tags = 50;  // of a resource, AWS's own not counted

bool is_aws_own(std::string_view key) { return key.starts_with("aws:"); }

or_fault<> check_count(const tag_map& tags) {
  if (std::ranges::count_if(tags, [](const auto& tag) { return !is_aws_own(tag.first); }) <= most_tags) return {};
  return fault{400, "TagLimitExceeded", "The maximum number of Tags for a resource has been reached."};
}

}  // namespace

const std::vector<ec2_action>& ec2_actions() {
  static const std::vector<ec2_action> all = {
      {"DescribeInstances", describe_instances},
      {"DescribeInstanceStatus", describe_instance_status},
      {"RunInstances", run_instances},
      {"TerminateInstances", terminate_instances},
      {"CreateImage", create_image},
      {"DescribeImages", describe_images},
      {"DeregisterImage", deregister_image},
      {"DescribeSnapshots", describe_snapshots},
      {"DeleteSnapshot", delete_snapshot},
      {"CreateTags", create_tags},
      {"DescribeNetworkInterfaces", describe_network_interfaces},
  };
  return all;
}

const tag_map* ec2_model::tags_of(std::string_view resource) const {
  if (const auto* instance = instances.find(resource)) return &instance->tags;
  if (const auto* image = images.find(resource)) return &image->tags;
  if (const auto found = images.snapshots().find(resource); found != images.snapshots().end())
    return &found->second.tags;
  const auto found = interfaces.all().find(resource);
  return found == interfaces.all().end() ? nullptr : &found->second.tags;
}

tag_map* ec2_model::tags_of(std::string_view resource) {
  return const_cast<tag_map*>(std::as_const(*this).tags_of(resource));
}

or_fault<tag_map> read_tags(const query_parameters& asked, const std::string& name) {
  tag_map tags;
  for (const auto& each : asked.structures(name)) {
    const auto key = asked.text(each + "Key");
    if (key.empty()) return fault{400, "InvalidParameterValue", "Tag key cannot be null or empty"};
    if (is_aws_own(key))
      return fault{400, "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use"};
    tags[key] = asked.text(each + "Value");
  }
  if (auto fits = check_count(tags); !fits) return fits.error();
  return tags;
}

or_fault<tag_map> read_tag_specification(const query_parameters& asked, std::string_view type,
                                         std::span<const std::string_view> allowed) {
  tag_map tags;
  for (const auto& each : asked.structures("TagSpecification")) {
    const auto of = asked.text(each + "ResourceType");
    if (std::ranges::find(allowed, of) == allowed.end())
      return fault{400, "InvalidParameterValue", fmt::format("'{}' is not a valid taggable resource type.", of)};
    auto read = read_tags(asked, each + "Tag");
    if (!read) return read.error();
    if (of == type) tags.merge(*std::move(read));
  }
  return tags;
}

void write_tags(query_xml& to, const tag_map& tags) {
  to.items("tagSet", tags,
           [](query_xml& xml, const auto& tag) { xml.text("key", tag.first).text("value", tag.second); });
}

bool asks_for_own(const query_parameters& asked, const account& owner) {
  const auto owners = asked.list("Owner");
  return owners.empty() ||
         std::ranges::any_of(owners, [&owner](const auto& each) { return each == "self" || each == owner.id; });
}

answer ec2_answer(query_xml&& written, std::string_view token) {
  if (!token.empty()) written.text("nextToken", token);
  return {nullptr, std::move(written).take()};
}

answer ec2_done() {
  query_xml written;
  written.flag("return", true);
  return ec2_answer(std::move(written));
}

answered create_tags(ec2_model& model, const query_parameters& asked) {
  const auto resources = asked.list("ResourceId");
  if (resources.empty()) return fault{400, "MissingParameter", "The request must contain the parameter resourceIdSet"};
  const auto tags = read_tags(asked, "Tag");
  if (!tags) return tags.error();
  if (tags->empty()) return fault{400, "MissingParameter", "The request must contain the parameter tagSet"};
  for (const auto& each : resources) {
    const auto* known = model.tags_of(each);
    if (!known) return no_such_resource(each);
    auto merged = *tags;
    merged.insert(known->begin(), known->end());
    if (auto fits = check_count(merged); !fits) return fits.error();
  }
  for (const auto& each : resources)
    for (const auto& [key, value] : *tags) model.tags_of(each)->insert_or_assign(key, value);
  return ec2_done();
}

}  // namespace lifehook::simulator
