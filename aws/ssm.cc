#include "aws/ssm.h"

#include "aws/fault.h"
#include "aws/json_document.h"
#include "aws/json_fields.h"
#include "aws/pages.h"
#include "aws/services.h"

namespace lifehook::aws {

namespace {

namespace json = boost::json;

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
result<page_of<sent_command>> read_commands(const json_document& answer) {
  const auto& from = answer.root();
  if (!has_list(from, "Commands")) return unreadable_answer("an answer", "Commands");
  page_of<sent_command> read{.next = text_of(from, "NextToken")};
  for (const auto* const each : objects_of(from, "Commands")) {
    read.found.push_back({.id = text_of(*each, "CommandId"), .comment = text_of(*each, "Comment")});
    if (read.found.back().id.empty()) return unreadable_answer("a command", "its id");
  }
  return read;
}

result<std::optional<command_invocation>> read_invocation(const json::object& from) {
  command_invocation read{.status = text_of(from, "Status"),
                          .details = text_of(from, "StatusDetails"),
                          .response_code = whole_number_of(from, "ResponseCode").value_or(-1),
                          .output_url = text_of(from, "StandardOutputUrl"),
                          .error_url = text_of(from, "StandardErrorUrl")};
  if (read.status.empty()) return unreadable_answer("GetCommandInvocation: an answer", "Status");
  return std::optional(std::move(read));
}

}  // namespace

bool is_unmanaged_instance(const error& why) { return why.aws_code() == "InvalidInstanceId"; }

task<result<std::string>> ssm::send_command(command_request what) {
  call_options once{.attempts = 1, .fresh_connection = true};
  auto answer = co_await client_.call(services::ssm, "SendCommand", body_of(std::move(what)), std::move(once));
  if (!answer) co_return std::move(answer).error();
  auto id = text_of(object_of(answer->root(), "Command"), "CommandId");
  if (id.empty()) co_return unreadable_answer("SendCommand: an answer", "CommandId");
  co_return id;
}

task<result<std::vector<sent_command>>> ssm::commands(std::string instance) {
  json::object body{{"InstanceId", std::move(instance)}, {"MaxResults", 50}};
  auto ask = [this, body = std::move(body)](const std::string& what, const std::string& token) mutable {
    if (!token.empty()) body["NextToken"] = token;
    return client_.call(services::ssm, what, body);
  };
  return all_pages<sent_command>("ListCommands", std::move(ask), read_commands);
}

task<result<std::optional<command_invocation>>> ssm::invocation(std::string command, std::string instance) {
  json::object body{{"CommandId", std::move(command)}, {"InstanceId", std::move(instance)}};
  auto answer = co_await client_.call(services::ssm, "GetCommandInvocation", std::move(body));
  if (answer) co_return read_invocation(answer->root());
  if (answer.error().aws_code() == "InvocationDoesNotExist") co_return std::optional<command_invocation>();
  co_return std::move(answer).error();
}

}  // namespace lifehook::aws
