#include "aws/task_metadata.h"

#include "aws/json_document.h"
#include "aws/json_fields.h"

#include <fmt/format.h>

namespace lifehook::aws {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view variable = "ECS_CONTAINER_METADATA_URI_V4";

error unusable(std::string_view why) {
  return {errc::unreachable, fmt::format("the task metadata endpoint {}", why), {}};
}

}  // namespace

result<own_task> read_own_task(std::string_view answer) {
  const auto read = json_document::parse(answer);
  if (!read) return unusable("answers what is not a JSON object");
  const auto& told = read->root();
  own_task found{text_of(told, "Cluster"), text_of(told, "TaskARN"), text_of(told, "ServiceName")};
  if (found.cluster.empty() || found.arn.empty()) return unusable("tells neither cluster nor task");
  return found;
}

task<result<own_task>> read_own_task(http_transport& wire, environment env) {
  const auto base = env(variable).value_or("");
  if (base.empty()) co_return error{errc::not_found, fmt::format("{} is not set: this is no ECS task", variable), {}};
  http_request request{.method = "GET", .url = base + "/task", .headers = {}, .body = {}};
  request.timeout = 2s;
  request.max_body = 1U << 20;
  const auto answer = co_await wire.send(std::move(request));
  if (answer.has_error()) co_return answer.error().in("asking the task metadata endpoint");
  if (answer->status != 200) co_return unusable(fmt::format("answers {}", answer->status));
  co_return read_own_task(answer->body);
}

}  // namespace lifehook::aws
