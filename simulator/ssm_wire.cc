#include "simulator/ssm_wire.h"

#include "base/number.h"

#include <fmt/format.h>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

constexpr std::string_view token_mark = "after/";

}  // namespace

const std::vector<ssm_action>& ssm_actions() {
  static const std::vector<ssm_action> all = {
      {"SendCommand", send_command},
      {"CancelCommand", cancel_command},
      {"ListCommands", list_commands},
      {"ListCommandInvocations", list_command_invocations},
      {"GetCommandInvocation", get_command_invocation},
      {"DescribeInstanceInformation", describe_instance_information},
  };
  return all;
}

fault invalid_constraint(std::string_view member) {
  return {400, "ValidationException",
          fmt::format("1 validation error detected: Value at '{}' failed to satisfy constraint", member)};
}

fault invalid_command() { return {400, "InvalidCommandId", ""}; }

or_fault<ssm_page> ssm_page_in(const json::object& asked) {
  ssm_page page;
  const auto size = number_of(asked, "MaxResults").value_or(50);
  if (size < 1 || size > 50) return invalid_constraint("maxResults");
  page.size = static_cast<std::size_t>(size);
  const auto token = text_of(asked, "NextToken");
  if (token.empty()) return page;
  const auto after =
      token.starts_with(token_mark) ? parse_number<std::size_t>(token.substr(token_mark.size())) : std::nullopt;
  if (!after) return fault{400, "InvalidNextToken", "The specified token isn't valid."};
  page.after = *after;
  return page;
}

std::string token_after(std::size_t place) { return fmt::format("{}{}", token_mark, place); }

}  // namespace lifehook::simulator
