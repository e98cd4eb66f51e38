#pragma once

#include "simulator/json_body.h"
#include "simulator/ssm_model.h"

namespace lifehook::simulator {

// SSM's JSON actions: a body in, an answer's JSON out, with names and shapes as the service's model has them.
struct ssm_action {
  std::string_view name;
  answered (*act)(ssm_model& model, const boost::json::object& asked);
};

const std::vector<ssm_action>& ssm_actions();

answered send_command(ssm_model& model, const boost::json::object& asked);
answered cancel_command(ssm_model& model, const boost::json::object& asked);
answered list_commands(ssm_model& model, const boost::json::object& asked);
answered list_command_invocations(ssm_model& model, const boost::json::object& asked);
answered get_command_invocation(ssm_model& model, const boost::json::object& asked);
answered describe_instance_information(ssm_model& model, const boost::json::object& asked);

boost::json::object write_command(const ssm_command& each);
boost::json::object write_invocation(const ssm_model& model, const ssm_invocation& each, bool with_plugins);
// As GetCommandInvocation tells of the one plugin of a document.
boost::json::object write_plugin(const ssm_model& model, const ssm_invocation& each);

fault invalid_constraint(std::string_view member);  // ValidationException
fault invalid_command();                            // InvalidCommandId

// What of a listing is asked for: at most `size`, after the place in NextToken.
struct ssm_page {
  std::size_t after = 0, size = 50;
};
or_fault<ssm_page> ssm_page_in(const boost::json::object& asked);
std::string token_after(std::size_t place);

}  // namespace lifehook::simulator
