#include "aws/ec2.h"

#include "aws/ec2_answers.h"
#include "aws/fault.h"
#include "aws/pages.h"
#include "aws/services.h"

namespace lifehook::aws {

namespace {

struct filter {
  std::string name;
  std::vector<std::string> values;
};

// EC2 reads * and ? in a filter as wildcards; tags and the ids of events may hold them.
std::string literal(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

void add_filter(query_parameters& to, std::size_t place, const filter& by) {
  const auto prefix = "Filter." + std::to_string(place);
  to.emplace_back(prefix + ".Name", by.name);
  std::size_t nth = 0;
  for (const auto& value : by.values) to.emplace_back(prefix + ".Value." + std::to_string(++nth), literal(value));
}

query_parameters filtered(const std::vector<filter>& by) {
  query_parameters parameters;
  std::size_t place = 0;
  for (const auto& each : by) add_filter(parameters, ++place, each);
  return parameters;
}

// Without an owner EC2 goes through the public images of the whole region.
query_parameters own_filtered(const std::vector<filter>& by) {
  auto parameters = filtered(by);
  parameters.insert(parameters.begin(), {"Owner.1", "self"});
  return parameters;
}

void add_tags(query_parameters& to, const std::string& place, std::string_view resource, const tag_map& tags) {
  if (tags.empty()) return;
  const auto prefix = "TagSpecification." + place;
  to.emplace_back(prefix + ".ResourceType", resource);
  std::size_t nth = 0;
  for (const auto& [key, value] : tags) {
    const auto tag = prefix + ".Tag." + std::to_string(++nth);
    to.emplace_back(tag + ".Key", key);
    to.emplace_back(tag + ".Value", value);
  }
}

template <class T>
task<result<std::vector<T>>> list(client& with, std::string operation, query_parameters parameters,
                                  result<std::vector<T>> (*read)(xml_element page)) {
  parameters.emplace_back("MaxResults", "1000");
  auto ask = [&with, parameters = std::move(parameters)](const std::string& what, const std::string& token) {
    auto asked = parameters;
    if (!token.empty()) asked.emplace_back("NextToken", token);
    return with.call(services::ec2, what, std::move(asked));
  };
  auto read_page = [read](const xml_document& answer) -> result<page_of<T>> {
    auto found = read(answer.root());
    if (!found) return std::move(found).error();
    return page_of<T>{*std::move(found), std::string(answer.root().text("nextToken"))};
  };
  return all_pages<T>(std::move(operation), std::move(ask), read_page);
}

// Removing what is not there is done. Whether it was there.
task<result<bool>> remove(client& with, std::string_view operation, query_parameters what,
                          bool (*is_gone)(const error&)) {
  auto answer = co_await with.call(services::ec2, operation, std::move(what));
  if (answer.has_error() && !is_gone(answer.error())) co_return std::move(answer).error();
  co_return answer.has_value();
}

bool is_image_gone(const error& why) {
  return why.aws_code() == "InvalidAMIID.NotFound" || why.aws_code() == "InvalidAMIID.Unavailable";
}

bool is_snapshot_gone(const error& why) { return why.aws_code() == "InvalidSnapshot.NotFound"; }

bool is_unknown_instance(const error& why) {
  return why.aws_code() == "InvalidInstanceID.NotFound" || why.aws_code() == "InvalidInstanceID.Malformed";
}

}  // namespace

bool is_image_name_taken(const error& why) { return why.aws_code() == "InvalidAMIName.Duplicate"; }

bool is_too_late_to_image(const error& why) {
  return why.aws_code() == "InvalidInstanceID.NotFound" || why.aws_code() == "IncorrectInstanceState" ||
         why.aws_code() == "IncorrectState";
}

task<result<std::vector<ec2_instance>>> ec2::instances(std::vector<std::string> ids) {
  // Without ids EC2 would list every instance of the account.
  if (ids.empty()) co_return std::vector<ec2_instance>();
  co_return co_await list(client_, "DescribeInstances", filtered({{"instance-id", std::move(ids)}}),
                          read_ec2_instances);
}

task<result<std::string>> ec2::create_image(image_request what) {
  query_parameters parameters{{"InstanceId", std::move(what.instance)}, {"Name", std::move(what.name)}};
  if (!what.description.empty()) parameters.emplace_back("Description", std::move(what.description));
  parameters.emplace_back("NoReboot", what.reboot ? "false" : "true");
  add_tags(parameters, "1", "image", what.tags);
  add_tags(parameters, "2", "snapshot", what.tags);
  auto answer = co_await client_.call(services::ec2, "CreateImage", std::move(parameters));
  if (!answer) co_return std::move(answer).error();
  std::string id(answer->root().text("imageId"));
  if (id.empty()) co_return unreadable_answer("CreateImage: an answer", "imageId");
  co_return id;
}

task<result<std::vector<ec2_image>>> ec2::images(std::vector<std::string> ids) {
  if (ids.empty()) co_return std::vector<ec2_image>();
  co_return co_await list(client_, "DescribeImages", own_filtered({{"image-id", std::move(ids)}}), read_ec2_images);
}

task<result<std::vector<ec2_image>>> ec2::images_named(std::vector<std::string> names) {
  if (names.empty()) co_return std::vector<ec2_image>();
  co_return co_await list(client_, "DescribeImages", own_filtered({{"name", std::move(names)}}), read_ec2_images);
}

task<result<std::vector<ec2_image>>> ec2::images_tagged(tag_map tags) {
  // Without tags EC2 would list every image of the account.
  if (tags.empty()) co_return std::vector<ec2_image>();
  std::vector<filter> by;
  for (const auto& [key, value] : tags) by.push_back({"tag:" + key, {value}});
  co_return co_await list(client_, "DescribeImages", own_filtered(by), read_ec2_images);
}

task<result<bool>> ec2::deregister_image(std::string id, bool with_snapshots) {
  query_parameters with{{"ImageId", std::move(id)}};
  if (with_snapshots) with.emplace_back("DeleteAssociatedSnapshots", "true");
  return remove(client_, "DeregisterImage", std::move(with), is_image_gone);
}

task<result<std::vector<std::string>>> ec2::snapshots_tagged(std::vector<std::string> ids, std::string key,
                                                             std::string value) {
  if (ids.empty()) co_return std::vector<std::string>();
  auto by = own_filtered({{"snapshot-id", std::move(ids)}, {"tag:" + key, {std::move(value)}}});
  co_return co_await list(client_, "DescribeSnapshots", std::move(by), read_ec2_snapshots);
}

task<result<>> ec2::delete_snapshot(std::string id) {
  auto removed = co_await remove(client_, "DeleteSnapshot", {{"SnapshotId", std::move(id)}}, is_snapshot_gone);
  if (removed.has_error()) co_return std::move(removed).error();
  co_return result<>();
}

task<result<std::optional<network_interface>>> ec2::interface_of(std::string id) {
  auto by = filtered({{"network-interface-id", {std::move(id)}}});
  auto found = co_await list(client_, "DescribeNetworkInterfaces", std::move(by), read_ec2_interfaces);
  if (!found) co_return std::move(found).error();
  if (found->empty()) co_return std::optional<network_interface>();
  co_return std::optional(std::move(found->front()));
}

// By id: DescribeInstanceStatus knows no filter for it, and takes no page size beside it. Without the flag EC2 leaves
// out what does not run.
task<result<std::vector<scheduled_event>>> ec2::scheduled_events(std::string instance) {
  query_parameters asked{{"InstanceId.1", std::move(instance)}, {"IncludeAllInstances", "true"}};
  auto answer = co_await client_.call(services::ec2, "DescribeInstanceStatus", std::move(asked));
  if (answer.has_error() && is_unknown_instance(answer.error())) co_return std::vector<scheduled_event>();
  if (!answer) co_return std::move(answer).error();
  auto found = read_ec2_scheduled_events(answer->root());
  if (!found) co_return std::move(found).error().in("DescribeInstanceStatus");
  co_return *std::move(found);
}

}  // namespace lifehook::aws
