#include "aws/ssm.h"

#include "aws/json_document.h"
#include "aws/json_fields.h"
#include "aws/services.h"

namespace lifehook::aws {

namespace {

namespace json = boost::json;

constexpr unsigned most_pages = 1000;

error without(std::string_view what, std::string_view name) {
  return {errc::unreachable, std::string(what).append(" without ").append(name), {}};
}

json::object body_of(command_request what) {
  json::object body{{"DocumentName", std::move(what.document)}, {"InstanceIds", json::array{std::move(what.instance)}}};
  if (!what.parameters.empty()) {
    auto& parameters = body["Parameters"].emplace_object();
    for (const auto& [name, values] : what.parameters) parameters[name] = array_of(values);
  }
  if (!what.comment.empty()) body["Comment"] = std::move(what.comment);
  if (!what.output_bucket.empty()) body["OutputS3BucketName"] = std::move(what.output_bucket);
  if (!what.output_prefix.empty()) body["OutputS3KeyPrefix"] = std::move(what.output_prefix);
  return body;
}

// A command that was sent must not be overlooked: it would be sent again.
result<std::string> append_commands(std::vector<sent_command>& to, const json::object& page) {
  if (!has_list(page, "Commands")) return without("an answer", "Commands");
  for (const auto* const each : objects_of(page, "Commands")) {
    sent_command read{.id = text_of(*each, "CommandId"), .comment = text_of(*each, "Comment")};
    if (read.id.empty()) return without("a command", "its id");
    to.push_back(std::move(read));
  }
  return text_of(page, "NextToken");
}

result<std::optional<command_invocation>> read_invocation(const json::object& from) {
  command_invocation read{.status = text_of(from, "Status"),
                          .details = text_of(from, "StatusDetails"),
                          .response_code = whole_number_of(from, "ResponseCode").value_or(-1),
                          .output_url = text_of(from, "StandardOutputUrl"),
                          .error_url = text_of(from, "StandardErrorUrl")};
  if (read.status.empty()) return without("GetCommandInvocation: an answer", "Status");
  return std::optional(std::move(read));
}

}  // namespace

bool is_unmanaged_instance(const error& why) { return why.aws_code() == "InvalidInstanceId"; }

task<result<std::string>> ssm::send_command(command_request what) {
  call_options once{.attempts = 1, .fresh_connection = true};
  auto calling = client_.call(services::ssm, "SendCommand", body_of(std::move(what)), std::move(once));
  auto answer = co_await std::move(calling);
  if (!answer) co_return std::move(answer).error();
  auto id = text_of(object_of(answer->root(), "Command"), "CommandId");
  if (id.empty()) co_return without("SendCommand: an answer", "CommandId");
  co_return id;
}

task<result<std::vector<sent_command>>> ssm::commands(std::string instance) {
  json::object body{{"InstanceId", std::move(instance)}, {"MaxResults", 50}};
  std::vector<sent_command> found;
  for (unsigned page = 0; page < most_pages; ++page) {
    auto calling = client_.call(services::ssm, "ListCommands", body);
    auto answer = co_await std::move(calling);
    if (!answer) co_return std::move(answer).error();
    auto more = append_commands(found, answer->root());
    if (!more) co_return std::move(more).error().in("ListCommands");
    if (more->empty()) co_return found;
    body["NextToken"] = *std::move(more);
  }
  co_return error{errc::unreachable, "ListCommands: more than 1000 pages"};
}

task<result<std::optional<command_invocation>>> ssm::invocation(std::string command, std::string instance) {
  json::object body{{"CommandId", std::move(command)}, {"InstanceId", std::move(instance)}};
  auto calling = client_.call(services::ssm, "GetCommandInvocation", std::move(body));
  auto answer = co_await std::move(calling);
  if (answer) co_return read_invocation(answer->root());
  if (answer.error().aws_code() == "InvocationDoesNotExist") co_return std::optional<command_invocation>();
  co_return std::move(answer).error();
}

}  // namespace lifehook::aws
