#pragma once

#include "simulator/ec2_images.h"
#include "simulator/ec2_interfaces.h"
#include "simulator/ec2_maintenance.h"
#include "simulator/query_parameters.h"
#include "simulator/query_xml.h"

#include <span>

namespace lifehook::simulator {

// All that EC2 keeps.
struct ec2_model {
  ec2_model(clock& time, account owner, sqs& queues, fleet& fleet_of, std::uint64_t seed)
      : random(seed),
        instances(time, std::move(owner), queues, fleet_of, random),
        images(time, instances, random),
        maintenance(time, instances, random),
        interfaces(random) {}

  random_source random;
  ec2_instances instances;
  ec2_images images;
  ec2_maintenance maintenance;
  ec2_interfaces interfaces;

  const tag_map* tags_of(std::string_view resource) const;  // null: there is no such resource
  tag_map* tags_of(std::string_view resource);
};

// EC2's actions: parameters by wire name in, the inside of <ActionResponse> out.
struct ec2_action {
  std::string_view name;
  answered (*act)(ec2_model& model, const query_parameters& asked);
};
const std::vector<ec2_action>& ec2_actions();

answered describe_instances(ec2_model& model, const query_parameters& asked);
answered describe_instance_status(ec2_model& model, const query_parameters& asked);
answered run_instances(ec2_model& model, const query_parameters& asked);
answered terminate_instances(ec2_model& model, const query_parameters& asked);
answered create_image(ec2_model& model, const query_parameters& asked);
answered describe_images(ec2_model& model, const query_parameters& asked);
answered deregister_image(ec2_model& model, const query_parameters& asked);
answered describe_snapshots(ec2_model& model, const query_parameters& asked);
answered delete_snapshot(ec2_model& model, const query_parameters& asked);
answered create_tags(ec2_model& model, const query_parameters& asked);
answered describe_network_interfaces(ec2_model& model, const query_parameters& asked);

// Shared by several answers.
or_fault<tag_map> read_tags(const query_parameters& asked, const std::string& name);
// Those of TagSpecification for one type of resource; another type than the `allowed` ones is a fault.
or_fault<tag_map> read_tag_specification(const query_parameters& asked, std::string_view type,
                                         std::span<const std::string_view> allowed);
void write_tags(query_xml& to, const tag_map& tags);
void write_state(query_xml& to, std::string_view name, std::string_view state);  // of an instance: its code and name
// DescribeImages and its like: whether Owner leaves the account's own in.
bool asks_for_own(const query_parameters& asked, const account& owner);
answer ec2_answer(query_xml&& written, std::string_view next_token = {});
answer ec2_done();  // <return>true</return>

}  // namespace lifehook::simulator
