#pragma once

#include "simulator/autoscaling_model.h"
#include "simulator/query_parameters.h"
#include "simulator/query_xml.h"

namespace lifehook::simulator {

// Auto Scaling's Query actions: parameters by wire name in, the inside of <ActionResult> out.
struct autoscaling_action {
  std::string_view name;
  answered (*act)(autoscaling_model& model, const query_parameters& asked);
};

const std::vector<autoscaling_action>& autoscaling_actions();

answered create_group(autoscaling_model& model, const query_parameters& asked);
answered update_group(autoscaling_model& model, const query_parameters& asked);
answered delete_group(autoscaling_model& model, const query_parameters& asked);
answered describe_groups(autoscaling_model& model, const query_parameters& asked);
answered describe_instances(autoscaling_model& model, const query_parameters& asked);
answered describe_activities(autoscaling_model& model, const query_parameters& asked);
answered create_or_update_tags(autoscaling_model& model, const query_parameters& asked);
answered describe_tags(autoscaling_model& model, const query_parameters& asked);

answered set_desired_capacity(autoscaling_model& model, const query_parameters& asked);
answered terminate_instance(autoscaling_model& model, const query_parameters& asked);
answered detach_instances(autoscaling_model& model, const query_parameters& asked);
answered set_instance_health(autoscaling_model& model, const query_parameters& asked);
answered attach_target_groups(autoscaling_model& model, const query_parameters& asked);
answered detach_target_groups(autoscaling_model& model, const query_parameters& asked);
answered describe_target_groups(autoscaling_model& model, const query_parameters& asked);
answered put_warm_pool(autoscaling_model& model, const query_parameters& asked);
answered describe_warm_pool(autoscaling_model& model, const query_parameters& asked);

answered put_lifecycle_hook(autoscaling_model& model, const query_parameters& asked);
answered delete_lifecycle_hook(autoscaling_model& model, const query_parameters& asked);
answered describe_lifecycle_hooks(autoscaling_model& model, const query_parameters& asked);
answered complete_lifecycle_action(autoscaling_model& model, const query_parameters& asked);
answered record_heartbeat(autoscaling_model& model, const query_parameters& asked);

// Shared by several answers.
or_fault<scaling_group*> named_group(autoscaling_model& model, const query_parameters& asked);
or_fault<hook_settings> read_hook(const query_parameters& from, const std::string& prefix, hook_settings known);
void write_instance(query_xml& to, const group_member& each, const account& owner);
void write_pool(query_xml& to, const warm_pool& pool);
void write_activity(query_xml& to, const scaling_activity& each);
answer xml_answer(query_xml&& written);

}  // namespace lifehook::simulator
