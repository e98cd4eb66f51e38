#pragma once

#include "simulator/elbv2_model.h"
#include "simulator/query_parameters.h"
#include "simulator/query_xml.h"

namespace lifehook::simulator {

// ELBv2's Query actions: parameters by wire name in, the inside of <ActionResult> out.
struct elbv2_action {
  std::string_view name;
  answered (*act)(elbv2_model& model, const query_parameters& asked);
};
const std::vector<elbv2_action>& elbv2_actions();

answered create_target_group(elbv2_model& model, const query_parameters& asked);
answered delete_target_group(elbv2_model& model, const query_parameters& asked);
answered describe_target_groups(elbv2_model& model, const query_parameters& asked);
answered modify_target_group_attributes(elbv2_model& model, const query_parameters& asked);
answered describe_target_group_attributes(elbv2_model& model, const query_parameters& asked);

answered register_targets(elbv2_model& model, const query_parameters& asked);
answered deregister_targets(elbv2_model& model, const query_parameters& asked);
answered describe_target_health(elbv2_model& model, const query_parameters& asked);

// Shared by several answers.
fault elbv2_invalid(std::string message);
fault no_such_target_group();
or_fault<target_group*> target_group_asked(elbv2_model& model, const query_parameters& asked);

}  // namespace lifehook::simulator
