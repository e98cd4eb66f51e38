#include "handlers/rerun_reason.h"

#include "aws/digest.h"
#include "base/number.h"
#include "handlers/task_tags.h"

#include <algorithm>

namespace lifehook::handlers {

namespace {

bool is_interrupted(const aws::whole_task& task) {
  return task.stop_code == "SpotInterruption" || task.stop_code == "TerminationNotice" || is_stopped_by_drain(task);
}

// Of a task without a definition any more, all its containers count.
bool is_essential(const std::vector<std::string>& essential, const std::string& container) {
  return essential.empty() || std::find(essential.begin(), essential.end(), container) != essential.end();
}

bool succeeded(const aws::whole_task& task, const std::vector<std::string>& essential) {
  bool any = false;
  for (const auto& each : task.containers) {
    if (!is_essential(essential, each.name)) continue;
    if (each.exit_code != 0) return false;
    any = true;
  }
  return any;
}

}  // namespace

rerun_decision rerun_of(const aws::whole_task& stopped, const std::vector<std::string>& essential, rerun_on what,
                        bool was_told) {
  if (stopped.of_service()) return {false, "it belongs to a service: ECS replaces it"};
  if (succeeded(stopped, essential)) return {false, "its essential containers exited with 0"};
  if (was_told || is_interrupted(stopped)) return {true, "it was interrupted"};
  if (what == rerun_on::interruption) return {false, "it was not interrupted but stopped with " + stopped.stop_code};
  if (stopped.stop_code == "UserInitiated") return {false, "somebody stopped it"};
  return {true, "an essential container failed: " + stopped.stopped_reason};
}

std::int64_t next_attempt(const aws::whole_task& stopped) {
  const auto tag = stopped.tags.find(std::string(attempt_tag));
  const auto before = tag == stopped.tags.end() ? std::nullopt : parse_number<std::int64_t>(tag->second);
  return std::max<std::int64_t>(before.value_or(0), 0) + 1;
}

aws::run_request request_of(const aws::whole_task& stopped, std::string cluster,
                            std::optional<aws::task_network> network) {
  const auto attempt = std::to_string(next_attempt(stopped));
  aws::run_request again;
  again.cluster = std::move(cluster);
  again.definition_arn = stopped.definition_arn;
  // "family:..." is what ECS says for a task that was given no group.
  if (!stopped.group.starts_with("family:")) again.group = stopped.group;
  again.started_by = stopped.started_by;
  again.client_token = aws::to_hex(aws::sha256(stopped.arn + "|" + attempt)).substr(0, 36);
  again.capacity_provider = stopped.capacity_provider;
  if (stopped.capacity_provider.empty()) again.launch_type = stopped.launch_type;
  again.platform_version = stopped.platform_version;
  again.enable_execute_command = stopped.enable_execute_command;
  again.overrides = stopped.overrides;
  again.tags = stopped.tags;
  again.tags.insert_or_assign(std::string(attempt_tag), attempt);
  again.tags.insert_or_assign(std::string(rerun_of_tag), stopped.arn);
  again.network = std::move(network);
  return again;
}

}  // namespace lifehook::handlers
