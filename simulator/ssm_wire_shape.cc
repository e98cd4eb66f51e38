#include "simulator/ssm_wire.h"

#include "base/time_text.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace lifehook::simulator {
namespace {

namespace json = boost::json;

struct plugin_names {
  std::string_view name, step, step_in_url;
};

plugin_names plugin_of(const ssm_command& each) {
  if (each.asked.document == "AWS-RunPowerShellScript")
    return {"aws:runPowerShellScript", "awsrunPowerShellScript", "0.awsrunPowerShellScript"};
  return {"aws:runShellScript", "awsrunShellScript", "0.awsrunShellScript"};
}

// Where the agent leaves a stream of its output in S3; empty when no bucket was asked for.
std::string output_url(const ssm_model& model, const ssm_invocation& each, std::string_view stream) {
  const auto& command = each.command;
  if (command.asked.output_bucket.empty()) return "";
  const auto plugin = plugin_of(command);
  auto prefix = command.asked.output_prefix;
  while (prefix.ends_with('/')) prefix.pop_back();
  if (!prefix.empty()) prefix += '/';
  return fmt::format("https://s3.{}.amazonaws.com/{}/{}{}/{}/{}/{}/{}", model.owner().region,
                     command.asked.output_bucket, prefix, command.id, each.node.instance, plugin.step,
                     plugin.step_in_url, stream);
}

json::object no_log_group() { return {{"CloudWatchLogGroupName", ""}, {"CloudWatchOutputEnabled", false}}; }

// The state of a command that was sent to several: how far the slowest is, then the worst end.
const ssm_invocation& telling(const ssm_command& each) {
  const auto rank = [](const auto& one) {
    constexpr std::array<std::string_view, 8> worst_first{"Cancelling", "InProgress", "Delayed",   "Pending",
                                                          "Failed",     "TimedOut",   "Cancelled", "Success"};
    return std::ranges::find(worst_first, one->status) - worst_first.begin();
  };
  return **std::ranges::min_element(each.invocations, {}, rank);
}

std::int64_t count(const ssm_command& each, bool (*which)(const ssm_invocation&)) {
  return std::ranges::count_if(each.invocations, [which](const auto& one) { return which(*one); });
}

std::string_view shown_status(const ssm_invocation& each) {
  // Of a whole command there is no "Delayed".
  return each.status == "Delayed" ? std::string_view("InProgress") : std::string_view(each.status);
}

std::string elapsed(const ssm_invocation& each) {
  if (!each.started || !each.ended) return "";
  return fmt::format("PT{:.3f}S", std::chrono::duration<double>(*each.ended - *each.started).count());
}

}  // namespace

json::object write_command(const ssm_command& each) {
  const auto& state = telling(each);
  const auto& asked = each.asked;
  return {{"CommandId", each.id},
          {"DocumentName", asked.document},
          {"DocumentVersion", "$DEFAULT"},
          {"Comment", asked.comment},
          {"ExpiresAfter", epoch_seconds(each.expires())},
          {"Parameters", asked.parameters},
          {"InstanceIds", json::value_from(asked.instances)},
          {"Targets", json::array()},
          {"RequestedDateTime", epoch_seconds(each.sent)},
          {"Status", shown_status(state)},
          {"StatusDetails", state.details},
          {"OutputS3BucketName", asked.output_bucket},
          {"OutputS3KeyPrefix", asked.output_prefix},
          {"MaxConcurrency", "50"},
          {"MaxErrors", "0"},
          {"TargetCount", each.invocations.size()},
          {"CompletedCount", count(each, [](const ssm_invocation& one) { return one.over(); })},
          {"ErrorCount", count(each,
                               [](const ssm_invocation& one) {
                                 return one.status == "Failed" || one.details == "ExecutionTimedOut";
                               })},
          {"DeliveryTimedOutCount",
           count(each, [](const ssm_invocation& one) { return one.details == "DeliveryTimedOut"; })},
          {"ServiceRole", ""},
          {"CloudWatchOutputConfig", no_log_group()},
          {"TimeoutSeconds", asked.delivery_timeout.count()}};
}

json::object write_invocation(const ssm_model& model, const ssm_invocation& each, bool with_plugins) {
  const auto& command = each.command;
  json::object told{{"CommandId", command.id},
                    {"InstanceId", each.node.instance},
                    {"InstanceName", ""},
                    {"Comment", command.asked.comment},
                    {"DocumentName", command.asked.document},
                    {"DocumentVersion", "$DEFAULT"},
                    {"RequestedDateTime", epoch_seconds(command.sent)},
                    {"Status", each.status},
                    {"StatusDetails", each.details},
                    {"StandardOutputUrl", output_url(model, each, "stdout")},
                    {"StandardErrorUrl", output_url(model, each, "stderr")},
                    {"CommandPlugins", json::array()},
                    {"ServiceRole", ""},
                    {"CloudWatchOutputConfig", no_log_group()}};
  if (!with_plugins || !each.started) return told;
  json::object plugin{{"Name", plugin_of(command).name},
                      {"Status", each.status == "Cancelling" ? "InProgress" : each.status},
                      {"StatusDetails", each.details},
                      {"ResponseCode", each.exit_code},
                      {"ResponseStartDateTime", epoch_seconds(*each.started)},
                      {"Output", ""},
                      {"StandardOutputUrl", output_url(model, each, "stdout")},
                      {"StandardErrorUrl", output_url(model, each, "stderr")},
                      {"OutputS3Region", model.owner().region},
                      {"OutputS3BucketName", command.asked.output_bucket},
                      {"OutputS3KeyPrefix", command.asked.output_prefix}};
  if (each.ended) plugin.emplace("ResponseFinishDateTime", epoch_seconds(*each.ended));
  told["CommandPlugins"].as_array().push_back(std::move(plugin));
  return told;
}

json::object write_plugin(const ssm_model& model, const ssm_invocation& each) {
  const auto& command = each.command;
  return {{"CommandId", command.id},
          {"InstanceId", each.node.instance},
          {"Comment", command.asked.comment},
          {"DocumentName", command.asked.document},
          {"DocumentVersion", "$DEFAULT"},
          {"PluginName", plugin_of(command).name},
          {"ResponseCode", each.exit_code},
          {"ExecutionStartDateTime", each.started ? to_rfc3339(*each.started) : ""},
          {"ExecutionElapsedTime", elapsed(each)},
          {"ExecutionEndDateTime", each.started && each.ended ? to_rfc3339(*each.ended) : ""},
          {"Status", each.status},
          {"StatusDetails", each.details},
          {"StandardOutputContent", ""},
          {"StandardOutputUrl", output_url(model, each, "stdout")},
          {"StandardErrorContent", ""},
          {"StandardErrorUrl", each.over() ? output_url(model, each, "stderr") : ""},
          {"CloudWatchOutputConfig", no_log_group()}};
}

}  // namespace lifehook::simulator
